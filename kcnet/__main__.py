"""``python -m kcnet``"""

from kcnet.cli.app import main

if __name__ == "__main__":
    main()
