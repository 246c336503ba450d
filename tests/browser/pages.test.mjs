// The pages in a real browser, as newcomers use them with the printed passwords and no manual.

import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { WINDOWS, fill, filesWith, launch, launchKept, logIn, look, passphrase, press, startDemo, violations } from "./harness.mjs";

let demo, browser;

before(async () => {
    demo = await startDemo();
    browser = await launch();
});

after(async () => {
    await browser?.close();
    demo?.stop();
});

const study = () => `${demo.base}/studies/imodals`;

async function open(options) {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(15_000);
    return context.newPage();
}

// From screening to the randomization number.
async function randomize(page, subject, year, see = async () => {}) {
    await page.goto(`${study()}/subjects/new`);
    await see("screen");
    await fill(page, { screening_number: subject, birth_year: year });
    await page.check("[name=sex][value=female]");
    await press(page);
    await page.waitForURL(/done=screened/);
    await see("screened");
    await page.goto(`${study()}/subjects/${subject}/randomize`);
    await see("criteria");
    await fill(page, { consent_date: "2026-01-05" });
    for (const yes of await page.locator("input[type=radio][value=yes]").all()) await yes.check();
    await press(page);
    await see("confirm");
    await fill(page, { password: passphrase("investigator") });
    await press(page);
    await page.waitForURL(/done=randomized/);
    assert.match(await page.textContent("main"), /R00\d\d/);
}

async function breakCode(page, subject) {
    await page.goto(`${study()}/break`);
    await fill(page, { screening_number: subject, password: passphrase("investigator") });
    await page.check("[name=reason][value=overdose]");
    await press(page);
    return page.textContent(".large strong");
}

// From the request to the handover, with another kit scanned before.
async function handOver(page, subject, see = async () => {}) {
    await page.goto(`${study()}/subjects/${subject}/kits`);
    await see("kits");
    await press(page);
    await page.waitForURL(/done=dispensed/);
    const kit = await page.textContent(".large strong");
    await fill(page, { kit_number: "1234567889" });
    await page.click("main form.act .buttons button");
    await page.waitForSelector(".trouble");
    await see("wrong-kit");
    await fill(page, { kit_number: kit });
    await press(page);
    await page.waitForURL(/done=handed_over/);
    await see("handed-over");
}

const ARM = /^(placebo|aldesleukin [12] MIU)$/;

for (const [language, window, subject, year] of [["en-GB", "desktop", "S-101", "1951"], ["fr-FR", "phone", "S-102", "1952"]]) {
    test(`the main paths of investigator and pharmacist, ${language}, ${window}`, async () => {
        const problems = [];
        const page = await open({ viewport: WINDOWS[window], locale: language });
        const see = (name) => look(page, `${language}-${window}-${name}`, problems);
        await page.goto(demo.base);
        await see("first");
        await page.goto(`${demo.base}/break-glass`);
        await see("break-glass");
        await page.goto(`${demo.base}/log-in`);
        await see("log-in");
        await logIn(page, demo, "investigator");
        await page.goto(`${demo.base}/password`);
        await see("password");
        await page.goto(study());
        await see("study");
        await randomize(page, subject, year, see);
        await see("randomized");
        assert.equal(await page.getAttribute("html", "lang"), language.slice(0, 2));
        await page.goto(`${study()}/break`);
        await see("break");
        assert.match(await breakCode(page, subject), ARM);
        await see("broken");
        await page.goto(`${study()}/subjects`);
        await see("subjects");
        await page.goto(`${study()}/nowhere`);
        await see("nowhere");
        const pharmacist = await open({ viewport: WINDOWS[window], locale: language });
        const see2 = (name) => look(pharmacist, `${language}-${window}-pharmacist-${name}`, problems);
        await logIn(pharmacist, demo, "pharmacist");
        await handOver(pharmacist, subject, see2);
        await pharmacist.goto(`${study()}/kits`);
        await see2("shelf");
        await pharmacist.goto(`${study()}/shipments`);
        await see2("shipments");
        assert.deepEqual(problems, []);
    });
}

test("the same without any script", async () => {
    const page = await open({ javaScriptEnabled: false, viewport: WINDOWS.phone });
    await logIn(page, demo, "investigator");
    await randomize(page, "S-103", "1953");
    assert.match(await breakCode(page, "S-103"), ARM);
    const pharmacist = await open({ javaScriptEnabled: false });
    await logIn(pharmacist, demo, "pharmacist");
    await handOver(pharmacist, "S-103");
});

test("a code is broken with the keyboard alone, and how long it takes", async () => {
    const setUp = await open();
    await logIn(setUp, demo, "investigator");
    await randomize(setUp, "S-104", "1954");
    const page = await open({ viewport: WINDOWS.phone });
    await page.goto(`${demo.base}/log-in`);
    const began = Date.now();
    const tabTo = async (selector) => {
        for (let step = 0; step < 60; step += 1) {
            await page.keyboard.press("Tab");
            if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return;
        }
        assert.fail(`the keyboard does not reach ${selector}`);
    };
    await tabTo("[name=login]");
    await page.keyboard.type("investigator");
    await tabTo("[name=password]");
    await page.keyboard.type(passphrase("investigator"));
    await page.keyboard.press("Enter");
    await page.waitForURL(/imodals/);
    await tabTo("nav a.emergency");
    await page.keyboard.press("Enter");
    await page.waitForURL(/break/);
    await tabTo("[name=screening_number]");
    await page.keyboard.type("S-104");
    await tabTo("[name=reason]");
    await page.keyboard.press("Space");
    await tabTo("[name=password]");
    await page.keyboard.type(passphrase("investigator"));
    await page.keyboard.press("Enter");
    assert.match(await page.textContent(".large strong"), ARM);
    console.log(`from the log-in to the arm: 3 screens, ${Date.now() - began} ms of the machine's time`);
});

test("nothing that is typed is run, and what was typed stays", async () => {
    const page = await open();
    await logIn(page, demo, "investigator");
    const run = [];
    page.on("dialog", (dialog) => run.push(dialog.message()) && dialog.dismiss());
    const hostile = `"><script>alert(1)</script><img src=x onerror="alert(2)">`;
    await page.goto(`${study()}/subjects/new`);
    await fill(page, { screening_number: hostile, birth_year: "1960", duplicate_reason: hostile });
    await press(page);
    await page.waitForSelector(".trouble");
    assert.equal(await page.inputValue("[name=duplicate_reason]"), hostile);
    await page.goto(`${study()}/subjects?subjects.search=${encodeURIComponent(hostile)}`);
    assert.equal(await page.locator("main img").count(), 0);
    assert.deepEqual(run, []);
});

test("after a log-out nothing is shown by the way back, and nothing is left in the profile", async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "iwrs-profile-"));
    const context = await launchKept(folder, { viewport: WINDOWS.desktop });
    const page = await context.newPage();
    await logIn(page, demo, "investigator");
    await randomize(page, "S-105-UNMISTAKABLE", "1955");
    await page.goto(`${study()}/subjects`);
    assert.match(await page.textContent("main"), /S-105-UNMISTAKABLE/);
    await page.click("header .person button");
    await page.waitForURL(/log-in/);
    await page.goBack();
    await page.waitForURL(/log-in/);
    assert.doesNotMatch(await page.content(), /S-105-UNMISTAKABLE/);
    await context.close();
    // The browser keeps the addresses of pages, and a number stands in some: what it must not keep is what was on them.
    const kept = filesWith(folder, "S-105-UNMISTAKABLE</a>");
    assert.deepEqual(kept, []);
    assert.deepEqual(filesWith(folder, "R0005"), []);
    fs.writeFileSync(path.join(folder, "planted"), "R0005");
    assert.equal(filesWith(folder, "R0005").length, 1, "the control: what is there is found");
    fs.rmSync(folder, { recursive: true, force: true });
});

test("the control: axe sees an image without words", async () => {
    const page = await open();
    await page.goto(demo.base);
    await page.evaluate(() => document.querySelector("main").append(document.createElement("img")));
    assert.match((await violations(page)).join(), /image-alt/);
});
