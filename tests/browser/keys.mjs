// What people do who use the keyboard alone: they go from key to key, and always see where they are.

import assert from "node:assert/strict";

// More keys than this nobody presses to come to anything.
const PATIENCE = 400;

// The same page for somebody without a mouse: what a path clicks, checks, chooses or fills in, keys reach.
export function byKeys(page) {
    const at = (selector) => page.locator(selector).first();
    const deeds = Object.fromEntries(
        Object.entries(DEEDS).map(([name, deed]) => [name, (selector, ...rest) => deed(page, at(selector), ...rest)]),
    );
    return instead(page, { ...deeds, locator: (...args) => located(page, page.locator(...args)) });
}

const DEEDS = {
    click: press,
    check: choose,
    fill: type,
    pressSequentially: type,
    selectOption: select,
};

// A locator out of which no mouse comes, either.
function located(page, locator) {
    const deeds = Object.fromEntries(
        Object.entries(DEEDS).map(([name, deed]) => [name, (...rest) => deed(page, locator, ...rest)]),
    );
    return instead(locator, {
        ...deeds,
        first: () => located(page, locator.first()),
        locator: (...args) => located(page, locator.locator(...args)),
        all: async () => (await locator.all()).map((one) => located(page, one)),
    });
}

function instead(whole, parts) {
    const get = (target, name) => {
        if (Object.hasOwn(parts, name)) return parts[name];
        const part = target[name];
        return typeof part === "function" ? part.bind(target) : part;
    };
    return new Proxy(whole, { get });
}

// Follows a link, or sends a form: as after a click, the next page or the file is waited for.
async function press(page, what) {
    await reach(page, what);
    const either = () => Promise.race(["framenavigated", "download"].map((event) => page.waitForEvent(event)));
    const goesOn = (await what.evaluate(leads)) ? either() : undefined;
    await page.keyboard.press("Enter");
    await goesOn;
    await page.waitForLoadState();
}

// Whether another page comes; it runs in the page.
function leads(what) {
    if (what.tagName !== "A") return what.type === "submit";
    return !what.hasAttribute("download") && what.href.split("#")[0] !== location.href.split("#")[0];
}

// One of several is gone to by the arrows, and chosen by that; what is chosen already stays so.
async function choose(page, what) {
    await reach(page, what);
    for (let step = 0; !(await isReached(what)); step += 1) {
        assert.ok(step < PATIENCE, `the arrows do not reach ${what}`);
        await page.keyboard.press("ArrowDown");
    }
    if (!(await what.isChecked())) await page.keyboard.press("Space");
    assert.ok(await what.isChecked(), `the keyboard does not choose ${what}`);
}

async function select(page, what, value) {
    await reach(page, what);
    for (let step = 0; (await what.inputValue()) !== value; step += 1) {
        assert.ok(step < PATIENCE, `the arrows do not come to ${value} of ${what}`);
        await page.keyboard.press("ArrowDown");
    }
}

async function type(page, what, text) {
    await reach(page, what);
    const kind = await what.evaluate((field) => field.type);
    if (kind === "date" || kind === "datetime-local") {
        await page.keyboard.type(asTyped(text));
    } else {
        await page.keyboard.press("Control+A");
        await page.keyboard.press("Delete");
        await page.keyboard.type(text);
    }
    if (kind !== "textarea") assert.equal(await what.inputValue(), text, `what was typed into ${what}`);
}

// Chromium without a window has the order of the United States, and goes on by itself after two digits.
function asTyped(text) {
    const [day, time] = text.split("T");
    const [year, month, date] = day.split("-");
    if (!time) return `${month}${date}${year}`;
    const [hour, minute] = time.split(":").map(Number);
    const two = (number) => String(number).padStart(2, "0");
    return `${month}${date}${year}\t${two(hour % 12 || 12)}${two(minute)}${hour < 12 ? "A" : "P"}`;
}

// Goes on from key to key, and what is come to is always seen to be come to. Of several of which one is chosen, the
// keyboard comes to one, and the arrows to the others.
export async function reach(page, what) {
    await what.waitFor({ state: "attached" });
    for (let step = 0; step < PATIENCE; step += 1) {
        const { isMarked, isIt, html } = await what.evaluate(here);
        if (step > 0 && !html.startsWith("<body")) assert.ok(isMarked, `it cannot be seen that the keyboard is at ${html}`);
        if (isIt) return;
        await page.keyboard.press("Tab");
    }
    assert.fail(`the keyboard does not reach ${what}`);
}

const isReached = (what) => what.evaluate((wanted) => document.activeElement === wanted);

// Where the keyboard is; it runs in the page.
function here(wanted) {
    const reached = document.activeElement;
    const { outlineStyle, outlineWidth } = getComputedStyle(reached);
    const isOfIt = reached.type === "radio" && wanted.type === "radio" && reached.name === wanted.name;
    return {
        isMarked: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2,
        isIt: reached === wanted || isOfIt,
        html: reached.outerHTML,
    };
}
