// What people do who use the keyboard alone: they go from key to key, and always see where they are.

import assert from "node:assert/strict";
import { passphrase } from "./people.mjs";

// Logs in.
export async function logInByKeys(page, demo, who) {
    await page.goto(`${demo.base}/log-in`);
    await type(page, "[name=login]", who);
    await type(page, "[name=password]", passphrase(who));
    await page.keyboard.press("Enter");
    await page.waitForURL(/imodals/);
}

// Follows a link.
export async function go(page, selector, to) {
    await tabTo(page, selector);
    await page.keyboard.press("Enter");
    await page.waitForURL(to);
}

// Types into a field.
export async function type(page, selector, text) {
    await tabTo(page, selector);
    await page.keyboard.type(text);
}

// Goes on from key to key, and what is reached is always seen to be reached.
export async function tabTo(page, selector) {
    for (let step = 0; step < 60; step += 1) {
        await page.keyboard.press("Tab");
        const [isIt, isMarked, what] = await page.evaluate((wanted) => {
            const reached = document.activeElement;
            const { outlineStyle, outlineWidth } = getComputedStyle(reached);
            const isMarked = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
            return [reached.matches(wanted), isMarked, reached.outerHTML];
        }, selector);
        if (what.startsWith("<body")) continue;
        assert.ok(isMarked, `it cannot be seen that the keyboard is at ${what}`);
        if (isIt) return;
    }
    assert.fail(`the keyboard does not reach ${selector}`);
}
