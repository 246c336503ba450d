// What the browser tests stand on: the demo as a process of its own, Chromium without a screen, and people at it.

import { spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const PICTURES = path.resolve(process.env.SCREENSHOTS ?? "target/screenshots");
const LAUNCH = {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: [
        "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
        // The sandbox of Chromium does not run for root.
        ...(process.getuid() === 0 ? ["--no-sandbox"] : []),
    ],
};

export const WINDOWS = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } };

// The demo in a folder of its own, and the one-time passwords that it prints.
export async function startDemo() {
    const data = fs.mkdtempSync(path.join(os.tmpdir(), "iwrs-browser-"));
    const port = await freePort();
    const child = spawn(process.env.IWRS, ["demo", "--data", path.join(data, "var"), "--port", String(port)]);
    let printed = "";
    await new Promise((listening, failed) => {
        child.stdout.on("data", (text) => {
            printed += text;
            if (printed.includes("Stop with Ctrl-C")) listening();
        });
        child.stderr.on("data", (text) => (printed += text));
        child.on("exit", (code) => failed(new Error(`the demo ended with ${code}: ${printed}`)));
    });
    const lines = printed.matchAll(/^ {2}(\w+) +\w+ +([0-9a-z-]{20,})$/gm);
    const passwords = Object.fromEntries([...lines].map((line) => [line[1], line[2]]));
    const stop = () => {
        child.removeAllListeners("exit");
        child.kill();
        fs.rmSync(data, { recursive: true, force: true });
    };
    return { base: `http://127.0.0.1:${port}`, passwords, stop };
}

function freePort() {
    return new Promise((found) => {
        const server = net.createServer().listen(0, "127.0.0.1", () => {
            const { port } = server.address();
            server.close(() => found(port));
        });
    });
}

export const launch = () => chromium.launch(LAUNCH);

// A browser whose profile is kept in a folder.
export const launchKept = (folder, options) => chromium.launchPersistentContext(folder, { ...LAUNCH, ...options });

export const passphrase = (who) => `a long passphrase of ${who}`;

// Logs in; the first time with the one-time password, which is replaced on the page that comes then.
export async function logIn(page, demo, who) {
    await page.goto(`${demo.base}/log-in`);
    const oneTime = demo.passwords[who];
    await fill(page, { login: who, password: oneTime ?? passphrase(who) });
    await press(page);
    if (!oneTime) return;
    await fill(page, { old_password: oneTime, new_password: passphrase(who), repeated: passphrase(who) });
    await press(page);
    delete demo.passwords[who];
}

export async function fill(page, fields) {
    for (const [name, value] of Object.entries(fields)) await page.fill(`main [name="${name}"]`, value);
}

// Sends the form of the page.
export const press = (page) => page.click("main form.act .buttons button:not(.quiet)");

// Looks at a page as everybody should be able to: its picture is kept, nothing is wider than the window, and axe finds
// nothing.
export async function look(page, name, problems) {
    fs.mkdirSync(PICTURES, { recursive: true });
    await page.screenshot({ path: path.join(PICTURES, `${name}.png`), fullPage: true });
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (wider > 0) problems.push(`${name}: ${wider} px wider than the window`);
    for (const found of await violations(page)) problems.push(`${name}: ${found}`);
}

// What axe finds against WCAG 2.2 AA.
export async function violations(page) {
    await page.evaluate(axe);
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    const found = await page.evaluate((values) => globalThis.axe.run(document, { runOnly: { type: "tag", values } }), tags);
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`);
}

// The files under a folder in which a text stands.
export function filesWith(folder, text) {
    return fs
        .readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
        .filter((file) => fs.readFileSync(file).includes(text));
}
