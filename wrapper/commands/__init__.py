"""The commands, one module each; every module has its `command`. `wrapper.cli` has their table."""
