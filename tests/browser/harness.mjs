// What the browser tests stand on: the demo as a process of its own, Chromium without a screen, and how a page is
// judged.

import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { createRequire } from "node:module";
import { after, before } from "node:test";
import { chromium } from "playwright-core";

const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const PICTURES = path.resolve(process.env.SCREENSHOTS ?? "target/screenshots");
const LAUNCH = {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    // People's browsers keep the page before in memory, so ours does too: a log-out has to empty that memory.
    ignoreDefaultArgs: ["--disable-back-forward-cache"],
    args: [
        "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
        // The sandbox of Chromium does not run for root.
        ...(process.getuid() === 0 ? ["--no-sandbox"] : []),
    ],
};

export const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: "dark" };
export const DESKTOP = { viewport: { width: 1280, height: 800 }, colorScheme: "light" };
const WINDOWS = { phone: PHONE, desktop: DESKTOP };
// The width in which WCAG 1.4.10 wants a page to be read without scrolling sideways.
const NARROWEST = 320;

// A demo and a browser for the tests of one file; both end with them. The study may have lines put in the place of
// others in its public design.
export function stage(changes = []) {
    const on = {};
    before(async () => {
        on.demo = await startDemo(changes);
        on.browser = await chromium.launch(LAUNCH);
    }, { timeout: 120_000 });
    after(async () => {
        await on.browser?.close();
        await on.demo?.stop();
    });
    on.open = async (options, demo = on.demo) => watched(await on.browser.newContext({ ...DESKTOP, ...options }), demo);
    return on;
}

// A browser whose profile is kept in a folder.
export async function openKept(folder, demo, options) {
    return watched(await chromium.launchPersistentContext(folder, { ...LAUNCH, ...DESKTOP, ...options }), demo);
}

// A browser with a camera that plays a film. Without a film it sees moving shapes; and the camera may not be used when
// that was not allowed.
export async function openFilming({ film, isAllowed = true }, demo, options) {
    const args = [
        ...LAUNCH.args, "--use-fake-device-for-media-stream",
        ...(film ? [`--use-file-for-fake-video-capture=${film}`] : []),
        ...(isAllowed ? ["--use-fake-ui-for-media-stream"] : []),
    ];
    const browser = await chromium.launch({ ...LAUNCH, args });
    const opened = await watched(await browser.newContext({ ...DESKTOP, ...options }), demo);
    return { ...opened, close: () => browser.close() };
}

// A new page, with a list of what is wrong on it, and a way to look at it.
async function watched(context, demo) {
    context.setDefaultTimeout(20_000);
    const page = await context.newPage();
    const problems = [];
    page.on("dialog", (dialog) => {
        problems.push(`a dialog: ${dialog.message()}`);
        void dialog.dismiss();
    });
    page.on("pageerror", (error) => problems.push(`the script failed: ${error.message}`));
    page.on("console", (said) => {
        if (said.text().includes("Content Security Policy")) problems.push(said.text());
    });
    page.on("request", (request) => {
        const url = request.url();
        const isOurs = url.startsWith(`${demo.base}/`) || url.startsWith("data:") || url.startsWith(`blob:${demo.base}/`);
        if (!isOurs) problems.push(`something from elsewhere: ${url}`);
    });
    return { context, page, problems, see: (name) => look(page, name, problems) };
}

// The demo in a folder of its own, and the one-time passwords that it prints.
async function startDemo(changes) {
    const data = fs.mkdtempSync(path.join(os.tmpdir(), "iwrs-browser-"));
    const [port, config] = [await freePort(), path.join(data, "config")];
    fs.cpSync("config", config, { recursive: true });
    const design = path.join(config, "imodals.toml");
    const changed = changes.reduce((text, [from, to]) => text.replace(from, to), fs.readFileSync(design, "utf8"));
    fs.writeFileSync(design, changed);
    const folder = path.join(data, "var");
    const child = spawn(process.env.IWRS, ["demo", "--data", folder, "--port", String(port), "--config", config]);
    const ended = once(child, "exit");
    let printed = "";
    child.stderr.on("data", (text) => (printed += text));
    await new Promise((listening, failed) => {
        child.on("error", failed);
        child.stdout.on("data", (text) => {
            printed += text;
            if (printed.includes("Stop with Ctrl-C")) listening();
        });
        void ended.then(([code]) => failed(new Error(`the demo ended with ${code}: ${printed}`)));
    });
    const lines = printed.matchAll(/^ {2}([a-z0-9]+) +\w+ +([0-9a-z-]{20,})$/gm);
    const passwords = Object.fromEntries([...lines].map(([, login, password]) => [login, password]));
    const byItself = ([code, signal]) => console.log(`the demo ended with ${code ?? signal}: ${printed}`);
    let isWanted = true;
    void ended.then((how) => isWanted && byItself(how));
    const stop = async () => {
        isWanted = false;
        child.kill();
        await ended;
        fs.rmSync(data, { recursive: true, force: true });
    };
    const base = `http://127.0.0.1:${port}`;
    return { base, study: `${base}/studies/imodals`, data: folder, passwords, stop };
}

async function freePort() {
    const server = net.createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address();
    server.close();
    await once(server, "close");
    return port;
}

// Looks at a page as everybody should be able to, on a desk by day and on a phone at night: its picture is kept,
// nothing is wider than the window, and axe finds nothing.
async function look(page, name, problems) {
    const window = page.viewportSize();
    fs.mkdirSync(PICTURES, { recursive: true });
    const language = await page.getAttribute("html", "lang");
    for (const [kind, { viewport, colorScheme }] of Object.entries(WINDOWS)) {
        const here = `${language}-${kind}-${name}`;
        await page.setViewportSize(viewport);
        await page.emulateMedia({ colorScheme });
        const picture = () => page.screenshot({ path: path.join(PICTURES, `${here}.png`), fullPage: true });
        // On a busy machine Chromium cannot always draw a long page at the first try; what is judged is not the picture.
        await picture().catch(picture);
        for (const found of [...(await wider(page)), ...(await violations(page))]) problems.push(`${here}: ${found}`);
    }
    await page.setViewportSize({ ...window, width: NARROWEST });
    for (const found of await wider(page)) problems.push(`${language}-narrowest-${name}: ${found}`);
    await page.setViewportSize(window);
}

// By how much a page is wider than its window, if it is, and what of the cards of a telephone is cut off.
export async function wider(page) {
    const by = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    const cut = await page.$$eval("table.wide td", (cells) => {
        const isCut = (cell) => getComputedStyle(cell).display === "grid" && cell.scrollWidth > cell.clientWidth;
        return cells.filter(isCut).map((cell) => `cut off: ${cell.textContent}`);
    });
    return [...(by > 0 ? [`${by} px wider than the window`] : []), ...cut];
}

// What axe finds against WCAG 2.2 AA.
export async function violations(page) {
    await page.evaluate(axe);
    const judge = (values) => globalThis.axe.run(document, { runOnly: { type: "tag", values } });
    const found = await page.evaluate(judge, LEVELS);
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html).join(" | ")}`);
}

// Every page that links lead to from an address, without what is asked of it behind a question mark. Gives the paths.
// The description of the interface under /docs is for programmers, and none of our pages. Of pages that differ in a
// number alone, as those of the journal's entries do, one is like the others. Kits are many, and their pages are nearly
// alike: from one kind of page, two of them are visited.
export async function walk(page, from, see) {
    const ahead = [from];
    const visited = new Set();
    const kinds = new Set();
    const kits = new Map();
    const isOneTooMany = (here, link) => {
        const kind = (path) => path.replace(/\d{10}/, "KIT");
        const to = new URL(link).pathname;
        if (kind(to) === to || visited.has(to)) return false;
        const way = `${kind(here)} ${kind(to)}`;
        const known = kits.get(way) ?? new Set();
        kits.set(way, known.size < 2 ? known.add(to) : known);
        return !known.has(to);
    };
    for (let address = ahead.shift(); address; address = ahead.shift()) {
        const { pathname } = new URL(address);
        const kind = pathname.replace(/(\/visits\/).+$/, "$1").replace(/\/\d{1,9}$/, "/0");
        if (visited.has(pathname) || kinds.has(kind)) continue;
        visited.add(pathname);
        if (kind !== pathname || pathname.endsWith("/0")) kinds.add(kind);
        await page.goto(address);
        await see(pathname.slice(1).replaceAll("/", "-") || "first");
        const links = await page.$$eval("a:not([download])", (all) => all.map((link) => link.href));
        const ours = links.map((link) => link.split(/[?#]/)[0]);
        const pages = ours.filter((link) => link.startsWith("http") && !/\/(language|docs)\//.test(link));
        ahead.push(...pages.filter((link) => !isOneTooMany(pathname, link)));
    }
    return visited;
}

// The files under a folder in which a text stands, in either way in which browsers write texts.
export function filesWith(folder, text) {
    const ways = [Buffer.from(text, "utf8"), Buffer.from(text, "utf16le")];
    const entries = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    const paths = files.map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));
    return paths.filter((file) => {
        const bytes = fs.readFileSync(file);
        return ways.some((way) => bytes.includes(way));
    });
}
