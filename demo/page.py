"""A page of our own server in the headless Chromium: opened, scripted, pictured."""

import base64
import os
import time

from journey import fail


class Page:
    def __init__(self, browser, server):
        self.browser, self.server = browser, server

    def open(self, path):
        self.browser.command("POST", "/url", {"url": self.server.address + path})

    def run(self, script, *arguments):
        return self.browser.command("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def picture(self, name):
        folder = os.environ.get("SCREENSHOTS")
        if folder:
            os.makedirs(folder, exist_ok=True)
            with open(os.path.join(folder, f"{name}.png"), "wb") as file:
                file.write(base64.b64decode(self.browser.command("GET", "/screenshot")))

    def size(self, width, height):
        self.browser.command("POST", "/window/rect", {"width": width, "height": height})

    def until(self, what, script, *arguments):
        """Waits until a script gives something true, and gives it."""
        end = time.time() + 30
        while time.time() < end:
            found = self.run(script, *arguments)
            if found:
                return found
            time.sleep(0.1)
        fail(f"the page does not show {what}", self.run("return document.body.innerText"))
