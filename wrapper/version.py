"""The version of wrapper. A constant, because asking the installed package for it costs each run's start."""

VERSION = "0.1.0"
