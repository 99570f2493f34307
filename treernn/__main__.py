"""``python -m treernn``, and the command ``treernn``."""


def main() -> None:
    """Run the command line; Ctrl-C is silent from here on, see ``treernn.cli.main``."""
    try:
        from treernn.cli.main import main as run
    except KeyboardInterrupt:
        raise SystemExit(130) from None  # INTERRUPTED, which was not imported
    run()


if __name__ == "__main__":
    main()
