// The way back: after a form that was put right there is no fault of the browser's, and nothing is offered twice.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PHONE, stage } from "./harness.mjs";
import { fill, logIn, passphrase, press, randomize } from "./people.mjs";

const on = stage();

test("back over a form that was refused and put right, the form is there anew and nothing is sent again", async () => {
    const { page, problems } = await on.open();
    await logIn(page, on.demo, "investigator");
    await page.goto(`${on.demo.study}/subjects/new`);
    await fill(page, { screening_number: "S-501", birth_year: "about 1980" });
    await press(page);
    await page.waitForSelector(".trouble[role=alert]");
    await fill(page, { birth_year: "1980" });
    await page.check("[name=sex][value=female]");
    await press(page);
    await page.waitForURL(/done=screened/);
    const sent = [];
    page.on("request", (request) => request.method() === "POST" && sent.push(request.url()));
    await page.goBack();
    assert.equal(new URL(page.url()).pathname, new URL(`${on.demo.study}/subjects/new`).pathname);
    assert.equal(await page.inputValue("[name=screening_number]"), "", "a form anew");
    await page.goForward();
    assert.match(await page.textContent("h1"), /S-501/);
    assert.equal(await page.locator(".done").count(), 0, "what was done is not told once more");
    assert.deepEqual([sent, problems], [[], []]);
});

test("back over a refused form that was left by a link", async () => {
    const { page, problems } = await on.open();
    await logIn(page, on.demo, "investigator");
    await page.goto(`${on.demo.study}/subjects/new`);
    await press(page);
    await page.waitForSelector(".trouble[role=alert]");
    await page.click("nav a[href$='/subjects']");
    await page.waitForURL(/subjects$/);
    await page.goBack();
    assert.equal(await page.locator("[name=screening_number]").count(), 1);
    assert.deepEqual(problems, []);
});

test("back after a randomization there is no form to randomize once more", async () => {
    const { page, problems } = await on.open();
    await logIn(page, on.demo, "investigator");
    await randomize(page, on.demo, "S-502", "1982");
    await page.goBack();
    assert.equal(new URL(page.url()).pathname, new URL(`${on.demo.study}/subjects/S-502`).pathname);
    assert.equal(await page.locator("form.act").count(), 0);
    assert.deepEqual(problems, []);
});

test("back over a code that was broken its treatment is not shown, and it is not broken once more", async () => {
    const { page, problems } = await on.open();
    await logIn(page, on.demo, "investigator");
    await randomize(page, on.demo, "S-503", "1983");
    await page.goto(`${on.demo.study}/break?screening_number=S-503`);
    await page.check("[name=reason]");
    await fill(page, { password: passphrase("investigator") });
    await press(page);
    await page.waitForSelector(".large");
    await page.goto(`${on.demo.study}/breaks`);
    await page.goBack();
    assert.equal(await page.locator(".large").count(), 0);
    assert.equal(await page.locator("[name=screening_number]").count(), 1);
    assert.deepEqual(problems, []);
});

test("on a phone the part that is read is in sight among the parts, and the page stays where the address leads", async () => {
    const { page, problems } = await on.open(PHONE);
    await logIn(page, on.demo, "pharmacist");
    await page.goto(`${on.demo.study}/accountability#kits`);
    const [own, all] = await page.$$eval("nav ul, nav [aria-current]", (both) => both.reverse().map((one) => one.getBoundingClientRect().toJSON()));
    assert.ok(own.left >= all.left && own.right <= all.right, "it is in sight");
    assert.ok(await page.evaluate(() => scrollY > 0), "the page is where the address leads");
    assert.deepEqual(problems, []);
});
