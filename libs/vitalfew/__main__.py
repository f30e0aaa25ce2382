"""`python -m vitalfew`."""

from vitalfew.cli import main

if __name__ == "__main__":
    main()
