"""`python -m vitalfew`."""

from vitalfew.entry import main

if __name__ == "__main__":
    main()
