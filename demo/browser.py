"""A headless Chromium, driven over WebDriver: what the journeys need of it and no more."""

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from journey import fail

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Browser:
    def __init__(self):
        driver, chromium = shutil.which("chromedriver"), shutil.which("chromium")
        if not driver or not chromium:
            fail("chromium and chromedriver are missing: ./test installs them")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.folder = tempfile.mkdtemp(prefix="jiehuan-browser.")
        self.log = open(os.path.join(self.folder, "log"), "w")
        self.driver = subprocess.Popen([driver, f"--port={port}"], stdout=self.log, stderr=self.log)
        self.address, self.session = f"http://127.0.0.1:{port}", None
        arguments = [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage", "--no-proxy-server",
            f"--user-data-dir={os.path.join(self.folder, 'profile')}",
        ]
        options = {"binary": chromium, "args": arguments}
        wanted = {"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}}
        until = time.time() + 60
        while self.session is None:
            try:
                self.session = self.call("POST", "/session", wanted)["sessionId"]
            except (urllib.error.URLError, ConnectionError):
                if time.time() > until:
                    fail("the browser did not start in a minute", open(self.log.name).read())
                time.sleep(0.2)

    def call(self, method, path, body=None):
        data = json.dumps(body if body is not None else {}).encode() if method == "POST" else None
        request = urllib.request.Request(self.address + path, data=data, method=method,
                                         headers={"Content-Type": "application/json"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=60) as answer:
            return json.loads(answer.read())["value"]

    def command(self, method, path, body=None):
        try:
            return self.call(method, f"/session/{self.session}{path}", body)
        except urllib.error.HTTPError as error:
            fail(f"the browser: {path}", error.read().decode())

    def post(self, url, fields):
        """What an app does with a provider's form: fills a page of its own, and sends it."""
        script = """
            const form = document.createElement('form');
            form.method = 'post';
            form.action = arguments[0];
            for (const [name, value] of Object.entries(arguments[1])) {
                const field = document.createElement('input');
                field.type = 'hidden';
                field.name = name;
                field.value = value;
                form.append(field);
            }
            document.body.append(form);
            form.submit();
        """
        self.command("POST", "/url", {"url": "about:blank"})
        self.command("POST", "/execute/sync", {"script": script, "args": [url, fields]})

    def find(self, css):
        found = self.command("POST", "/elements", {"using": "css selector", "value": css})
        return [element[ELEMENT] for element in found]

    def wait_for(self, css):
        until = time.time() + 30
        while time.time() < until:
            found = self.find(css)
            if found:
                return found[0]
            time.sleep(0.1)
        fail(f"the page has no {css}", self.command("GET", "/source"))

    def write(self, css, text):
        self.command("POST", f"/element/{self.wait_for(css)}/value", {"text": text})

    def click(self, css):
        self.command("POST", f"/element/{self.wait_for(css)}/click")

    def text(self, css):
        return self.command("GET", f"/element/{self.wait_for(css)}/text")

    def go(self, url):
        self.command("POST", "/url", {"url": url})

    def script(self, script, *arguments):
        return self.command("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def devtools(self, command, **parameters):
        return self.command("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def look(self, width, height, scheme):
        """A window of this size, for eyes that like it light or dark."""
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height,
                      deviceScaleFactor=1, mobile=width < 600)
        self.devtools("Emulation.setEmulatedMedia",
                      features=[{"name": "prefers-color-scheme", "value": scheme}])

    def screenshot(self, path, width, scheme):
        """The whole page, from top to bottom."""
        self.look(width, 900, scheme)
        height = self.devtools("Page.getLayoutMetrics")["cssContentSize"]["height"]
        self.look(width, max(900, min(int(height), 4000)), scheme)
        picture = self.devtools("Page.captureScreenshot", format="png")["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(picture))

    def errors(self):
        """What the console of the browser complains about."""
        return [line["message"] for line in self.command("POST", "/se/log", {"type": "browser"})
                if line["level"] == "SEVERE"]

    def close(self):
        if self.session:
            try:
                self.call("DELETE", f"/session/{self.session}")
            except (urllib.error.URLError, ConnectionError):
                pass
        self.driver.send_signal(signal.SIGTERM)
        self.driver.wait(30)
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
