"""Set Scurfy up beside this file and open it, with nothing but Python, pip and git on the machine.

    python start.py                  set up once, then open the game
    python start.py play CASE ...    the same, with any arguments `scurfy` takes
    python start.py serve ...        set up once, with what a server needs, then serve the game to browsers
    python start.py test ...         set up once, then run the tests (with any arguments pytest takes)

What it needs goes into `.venv` here and nowhere else. Written in words that even an old Python understands, so that
it can say what is wrong with one.
"""

import contextlib
import hashlib
import os
import subprocess
import sys

OLDEST = (3, 11)
HERE = os.path.dirname(os.path.realpath(__file__))  # also where this was called through a link
VENV = os.path.join(HERE, ".venv")
STAMP = os.path.join(VENV, "scurfy-setup.txt")
KINDS = {"test": "test", "serve": "web"}
"""The first word after `start.py` to what is installed for it beside the game: an extra of `pyproject.toml`."""
ENOUGH_FOR = {"test": ["web", "game"], "web": ["game"]}
LACKING = 69
"""What the game exits with where a package it needs is gone (`sim.__main__` says so): it is installed anew then."""


def main(args):
    """Set up what is missing, then run the game or the tests; return its exit code."""
    if sys.version_info < OLDEST:
        return fail(
            "Scurfy needs Python 3.11 or newer; this is Python {0}.{1}.".format(*sys.version_info[:2]),
            "Install a newer one from https://www.python.org/downloads/ and run this with it.",
        )
    kind = KINDS.get(args[0], "game") if args else "game"
    try:
        problem = set_up(kind)
        if problem:
            return fail(*problem)
        if kind == "test":
            return run([python(), "-m", "pytest", "-n", "auto"] + args[1:], cwd=HERE)
        return play(args, kind)
    except KeyboardInterrupt:
        say("\nStopped. Nothing is lost: the next start goes on from here.")
        return 130


def play(args, kind):
    """Run the game, installed anew once where something it needs is gone; return its exit code."""
    os.environ["SCURFY_COMMAND"] = "python " + sys.argv[0]  # what the game tells a learner to type
    os.environ["SCURFY_STARTED_BY"] = "start.py"
    command = [python(), "-P", "-m", "sim"] + args  # -P: nothing of the current folder is ever run
    code = run(command)
    if code != LACKING and (code != 1 or works()):
        return code
    say("Something that Scurfy needs is gone from " + VENV + ".")
    problem = set_up(kind, anew=True)
    return fail(*problem) if problem else run(command)


def set_up(kind, anew=False):
    """Make `.venv` hold what is needed, over again if `anew`; return None, or (what is wrong, what helps)."""
    wanted = stamp(kind)
    if wanted in ready() and not anew:
        return None
    if anew or os.path.isdir(STAMP):
        forget()
    if not quiet([python(), "-P", "-m", "pip", "--version"]):
        problem = make_environment()
        if problem:
            return problem
    say("Installing Scurfy and what it needs into " + VENV + " (once; it takes a minute) ...")
    what = HERE if kind == "game" else HERE + "[" + kind + "]"
    told = install(what, ["--ignore-installed"] if anew else [])
    if told and "uninstall" in told:  # what is there is half there: pip cannot remove it, but it can write over it
        told = install(what, ["--ignore-installed"])
    if told:
        sys.stderr.write(told)
        return (
            "pip could not install what Scurfy needs; its own words stand above.",
            "Is this machine on the internet? If you are behind a proxy, set HTTPS_PROXY. Then run this again.",
        )
    try:
        with open(STAMP, "a", encoding="utf-8") as file:
            file.write(wanted + "\n")
    except OSError as error:
        return "cannot write {0} ({1}).".format(STAMP, error.strerror), "Is there room on the disk?"
    return None


def install(what, options):
    """Let pip install, naming each package on a terminal as it comes; return all that it said if it failed, else ""."""
    command = [python(), "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off"]
    process = subprocess.Popen(
        command + options + ["--editable", what], cwd=HERE, env=dict(os.environ, PIP_USER="0"),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True, errors="replace",
    )  # fmt: skip
    said = []
    shown = sys.stdout.isatty()
    try:
        for line in process.stdout:
            said.append(line)
            if shown and line.startswith("Collecting "):
                sys.stdout.write("\r  " + line.split()[1][:60].ljust(60))
                sys.stdout.flush()
    finally:
        if shown:
            sys.stdout.write("\r" + " " * 62 + "\r")
        code = process.wait()
    return "".join(said) or "pip failed and said nothing\n" if code else ""


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
    if os.path.islink(VENV) and not os.path.exists(VENV):  # a link to nothing, or to itself
        os.remove(VENV)
    say("Making an environment in " + VENV + " with Python " + sys.version.split()[0] + " ...")
    try:
        venv.EnvBuilder(with_pip=True, clear=os.path.exists(VENV)).create(VENV)
    except (OSError, subprocess.CalledProcessError) as error:
        return (
            "cannot make an environment in {0} ({1}; bundled pip {2}).".format(VENV, error, ensurepip.version()),
            "Is the folder yours to write to, and is there room on the disk?",
        )
    return None


def works():
    """Return whether the game itself can be found by the environment's Python, which may be another one by now."""
    return quiet([python(), "-P", "-c", "import sim"])


def quiet(command):
    """Return whether a command succeeds, which is run where nothing of the current folder can be taken for its own."""
    with open(os.devnull, "w") as nowhere:
        try:
            return subprocess.call(command, stdout=nowhere, stderr=nowhere, cwd=HERE) == 0
        except OSError:
            return False


def python():
    """Return the path of the environment's own Python."""
    return os.path.join(VENV, "Scripts", "python.exe") if os.name == "nt" else os.path.join(VENV, "bin", "python")


def stamp(kind):
    """Return a line that changes whenever something has to be installed anew."""
    with open(os.path.join(HERE, "pyproject.toml"), "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()[:16]
    return " ".join([kind, digest, HERE])


def ready():
    """Return the stamps of what is installed; the tests' environment is enough for a server, and that for the game."""
    if not os.path.exists(python()):
        return []
    try:
        with open(STAMP, encoding="utf-8") as file:
            lines = file.read().splitlines()
    except (OSError, ValueError):  # none, or no text
        return []
    kept = [line.partition(" ") for line in lines]
    more = [" ".join([kind, rest]) for has, _, rest in kept for kind in ENOUGH_FOR.get(has, ())]
    return lines + more


def forget():
    """Remove the stamp: until a new one is written, what is stopped half way is done again."""
    with contextlib.suppress(OSError):
        os.rmdir(STAMP) if os.path.isdir(STAMP) else os.remove(STAMP)


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
