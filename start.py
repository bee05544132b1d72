"""Set Scurfy up beside this file and open it, with nothing but Python, pip and git on the machine.

    python start.py                  set up once, then open the game
    python start.py play CASE ...    the same, with any arguments `scurfy` takes
    python start.py test ...         set up once, then run the tests (with any arguments pytest takes)

What it needs goes into `.venv` here and nowhere else. Written in words that even an old Python understands, so that
it can say what is wrong with one.
"""

import hashlib
import os
import subprocess
import sys

OLDEST = (3, 11)
HERE = os.path.dirname(os.path.realpath(__file__))  # also where this was called through a link
VENV = os.path.join(HERE, ".venv")
STAMP = os.path.join(VENV, "scurfy-setup.txt")
LACKING = 69
"""What the game exits with where a package it needs is gone (`sim.__main__` says so): it is installed anew then."""


def main(args):
    """Set up what is missing, then run the game or the tests; return its exit code."""
    if sys.version_info < OLDEST:
        return fail(
            "Scurfy needs Python 3.11 or newer; this is Python {0}.{1}.".format(*sys.version_info[:2]),
            "Install a newer one from https://www.python.org/downloads/ and run this with it.",
        )
    testing = args[:1] == ["test"]
    try:
        problem = set_up(testing)
        if problem:
            return fail(*problem)
        if testing:
            return run([python(), "-m", "pytest", "-n", "auto"] + args[1:], cwd=HERE)
        return play(args)
    except KeyboardInterrupt:
        say("\nStopped. Nothing is lost: the next start goes on from here.")
        return 130


def play(args):
    """Run the game, installed anew once where a package it needs is gone; return its exit code."""
    os.environ["SCURFY_COMMAND"] = "python " + sys.argv[0]  # what the game tells a learner to type
    os.environ["SCURFY_STARTED_BY"] = "start.py"
    command = [python(), "-P", "-m", "sim"] + args  # -P: nothing of the current folder is ever run
    code = run(command)
    if code != LACKING:
        return code
    os.remove(STAMP)
    problem = set_up(False)
    return fail(*problem) if problem else run(command)


def set_up(testing):
    """Make `.venv` hold what is needed; return None, or (what is wrong, what helps)."""
    wanted = stamp(testing)
    if wanted in ready():
        return None
    if not has_pip():
        problem = make_environment()
        if problem:
            return problem
    say("Installing Scurfy and what it needs into " + VENV + " (once; it takes a minute) ...")
    what = HERE + "[test]" if testing else HERE
    command = [python(), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--editable", what]
    if subprocess.call(command, cwd=HERE, env=dict(os.environ, PIP_USER="0")) != 0:
        return (
            "pip could not install what Scurfy needs; its own words stand above.",
            "Is this machine on the internet? If you are behind a proxy, set HTTPS_PROXY. Then run this again.",
        )
    with open(STAMP, "a", encoding="utf-8") as file:
        file.write(wanted + "\n")
    return None


def make_environment():
    """Create `.venv`; return None, or (what is wrong, what helps)."""
    try:
        import ensurepip
        import venv
    except ImportError:
        return (
            "this Python cannot make virtual environments.",
            "On Debian or Ubuntu: sudo apt install python3-venv. Elsewhere: reinstall Python with pip.",
        )
    say("Making an environment in " + VENV + " with Python " + sys.version.split()[0] + " ...")
    try:
        venv.EnvBuilder(with_pip=True, clear=os.path.exists(VENV)).create(VENV)
    except (OSError, subprocess.CalledProcessError) as error:
        return (
            "cannot make an environment in {0} ({1}; bundled pip {2}).".format(VENV, error, ensurepip.version()),
            "Is the folder yours to write to, and is there room on the disk?",
        )
    return None


def has_pip():
    """Return whether the environment has a Python with pip; one whose making was cut short has none."""
    if not os.path.exists(python()):
        return False
    with open(os.devnull, "w") as nowhere:
        try:
            return subprocess.call([python(), "-m", "pip", "--version"], stdout=nowhere, stderr=nowhere) == 0
        except OSError:
            return False


def python():
    """Return the path of the environment's own Python."""
    return os.path.join(VENV, "Scripts", "python.exe") if os.name == "nt" else os.path.join(VENV, "bin", "python")


def stamp(testing):
    """Return a line that changes whenever something has to be installed anew."""
    with open(os.path.join(HERE, "pyproject.toml"), "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()[:16]
    return " ".join(["test" if testing else "game", digest, HERE])


def ready():
    """Return the stamps of what is installed; the tests' environment is enough for the game."""
    if not (os.path.exists(STAMP) and os.path.exists(python())):
        return []
    with open(STAMP, encoding="utf-8") as file:
        lines = file.read().splitlines()
    return lines + ["game" + line[len("test") :] for line in lines if line.startswith("test ")]


def run(command, cwd=None):
    """Run a command in the foreground and return its exit code; ctrl+c is the command's own to answer."""
    process = subprocess.Popen(command, cwd=cwd)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def say(what):
    """Say what is being done, at once."""
    sys.stdout.write(what + "\n")
    sys.stdout.flush()


def fail(what, hint):
    """Say what is wrong and what helps; return the exit code of a misuse."""
    sys.stderr.write("error: " + what + "\n" + hint + "\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
