"""The command line, the supervisor and the wiring. Nobody imports this package."""
