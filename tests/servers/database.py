"""Child processes on loopback, stopped by their own pid, with data in a folder of their own."""

import ctypes
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def die_with_parent():
    """For the child, before it becomes the server: a test that is killed leaves none behind."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGQUIT)


class DatabaseServer:
    """What servers have in common. A sub-class gives command(), and is_up() or raises."""

    name = "server"
    crash_signal = signal.SIGKILL
    account = None  # the user to become when the test runs as root

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"bessemer_{self.name}_"))
        self.folder.chmod(0o755)
        self.log = self.folder / "log.txt"
        self.port = 0
        self.process = None
        self.user = self.account if self.account and os.getuid() == 0 else None

    def __enter__(self):
        try:
            self.prepare()
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *_):
        self.crash()
        shutil.rmtree(self.folder, ignore_errors=True)

    def own(self, path):
        """Gives a file or folder to the server's user."""
        if self.user:
            account = pwd.getpwnam(self.user)
            os.chown(path, account.pw_uid, account.pw_gid)
        return path

    def run(self, command, **options):
        """Runs a command as the server's user; its output goes to the log."""
        with open(self.log, "ab") as log:
            done = subprocess.run(command, user=self.user, stdout=log, stderr=log, cwd=self.folder,
                                  **options)
        if done.returncode != 0:
            raise RuntimeError(f"{command[0]} failed:\n{self.log.read_text(errors='replace')}")

    def start(self, attempts=3, seconds=300):
        for _ in range(attempts):
            self.port = free_port()
            with open(self.log, "ab") as log:
                self.process = subprocess.Popen(self.command(), user=self.user, stdout=log,
                                                stderr=log, cwd=self.folder,
                                                preexec_fn=die_with_parent)
            deadline = time.monotonic() + seconds
            while self.process.poll() is None and time.monotonic() < deadline:
                if self.is_up():
                    return
                try:
                    self.process.wait(timeout=0.02)
                except subprocess.TimeoutExpired:
                    pass
            self.crash()  # another took the port between probe and bind
        raise RuntimeError(f"{self.name} did not start:\n{self.log.read_text(errors='replace')}")

    def crash(self):
        """Ends the server at once, as a power cut would."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(self.crash_signal)
        self.process.wait()
        self.process = None

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
