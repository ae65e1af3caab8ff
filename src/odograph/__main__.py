"""The command line as `python -m odograph`, where the command is not on the path."""

from odograph.cli import main

if __name__ == "__main__":
    main()
