"""A server as a child process on loopback: started, waited for, and stopped by its own pid."""

import queue
import subprocess
import threading


class Child:
    """Runs a command that prints "port N" on a line of stdout once it serves."""

    def __init__(self, command, env=None, timeout=300):
        self.process = subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        self.log = []
        ports = queue.Queue()

        def read():
            for line in self.process.stdout:
                self.log.append(line)
                if line.startswith("port "):
                    ports.put(int(line.split()[1]))
            ports.put(None)

        threading.Thread(target=read, daemon=True).start()
        try:
            self.port = ports.get(timeout=timeout)
        except queue.Empty:
            self.port = None
        if self.port is None:
            self.stop()
            raise RuntimeError(f"{command[0]} did not start:\n" + "".join(self.log[-40:]))

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
