"""``python -m treernn``."""

from treernn.cli.main import main

if __name__ == "__main__":
    main()
