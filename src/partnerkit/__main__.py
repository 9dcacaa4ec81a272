"""`partnerkit` and `python -m partnerkit`: the door to the command, which says what is missing where its packages are not installed.

Floor 12. May import: cli and the standard library.
"""

import sys

_COMMAND_PACKAGES = ("click", "jinja2", "rich")
_WHAT_TO_INSTALL = (
    "the command needs the packages of partnerkit[cli]: "
    "in a checkout run pip install '.[cli]', from a package index pip install 'partnerkit[cli]'\n"
)


def main() -> None:
    """Run the command; without the packages of `partnerkit[cli]` say how to install them and leave with exit code 2."""
    try:
        # Imported here, because a plain install without the extra also makes the script and brings none of these packages.
        from partnerkit.cli import main as command  # noqa: PLC0415
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in _COMMAND_PACKAGES:
            raise
        sys.stderr.write(_WHAT_TO_INSTALL)
        sys.exit(2)
    command(prog_name="partnerkit")


if __name__ == "__main__":
    main()
