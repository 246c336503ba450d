// What somebody types who means ill.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { test } from "node:test";
import { PHONE, stage, walk, wider } from "./harness.mjs";
import { OUT_OF_REACH, TEXTS, WRITTEN, freeFields, nameOf, write } from "./payloads.mjs";
import { fill, logIn, press } from "./people.mjs";

const on = stage();

const HOSTILE = `"><script>alert(1)</script><img src=x onerror=alert(2)>`;
const DUPLICATE = { birth_year: "1960", duplicate_reason: HOSTILE };

// What stands on a page and is none of ours.
const FOREIGN = "img, iframe, object, embed, body script, [onerror], [onload], [href^='javascript:']";
const foreign = (page) => page.locator(FOREIGN).count();

test("what is typed stays what was typed", async () => {
    const { page, problems } = await on.open();
    await logIn(page, on.demo, "investigator");
    await page.goto(`${on.demo.study}/subjects/new`);
    await fill(page, { screening_number: HOSTILE, ...DUPLICATE });
    await press(page);
    await page.waitForSelector(".trouble");
    assert.equal(await page.inputValue("[name=duplicate_reason]"), HOSTILE);
    for (const question of ["subjects.search", "subjects.sort", "done", "csv"]) {
        await page.goto(`${on.demo.study}/subjects?${question}=${encodeURIComponent(HOSTILE)}`);
        assert.equal(await foreign(page), 0, question);
    }
    await page.goto(`${on.demo.base}/log-in?then=${encodeURIComponent(HOSTILE)}`);
    assert.equal(await foreign(page), 0);
    assert.deepEqual(problems, []);
});

test("no page and no mail runs what was stored or typed, whoever looks at it", async () => {
    const mallories = await write(on.demo, await kitsOnTheShelf());
    for (const { login, password } of mallories) on.demo.passwords[login] = password;
    const document = await (await fetch(`${on.demo.base}/openapi.json`)).json();
    assert.deepEqual(freeFields(document).sort(), [...WRITTEN, ...OUT_OF_REACH].sort(), "every free text is written");
    const [seen, typed] = [new Set(), new Set()];
    for (const who of ["investigator", "pharmacist", ...Object.keys(on.demo.passwords)]) {
        const { page, problems, context } = await on.open(PHONE);
        await logIn(page, on.demo, who);
        const looked = async (name) => {
            assert.equal(await foreign(page), 0, `${who}: ${name}`);
            for (const found of await wider(page)) problems.push(`${who}: ${name}: ${found}`);
            const shown = await page.textContent("body");
            for (const text of [...TEXTS, ...TEXTS.map(nameOf)]) if (shown.includes(text)) seen.add(text);
        };
        const visited = await walk(page, `${on.demo.base}/`, looked);
        for (const address of visited) if (await typeEverywhere(page, address, looked)) typed.add(address);
        assert.deepEqual(problems, [], who);
        await context.close();
    }
    for (const text of TEXTS.map(nameOf)) assert.ok(seen.has(text), `the control: it is shown as it is: ${text}`);
    const known = ["/break", "/subjects/new"].map((rest) => `/studies/imodals${rest}`);
    assert.deepEqual(known.filter((address) => !typed.has(address)), [], "the control: something was typed there");
    await readMails();
});

test("the control: a page that is served with the text as it is, is seen and would run it", async () => {
    for (const hasPolicy of [true, false]) {
        const { page, problems } = await on.open();
        await page.route(`${on.demo.base}/break-glass`, async (route) => {
            const answer = await route.fetch();
            const { "content-security-policy": policy, ...headers } = answer.headers();
            const body = (await answer.text()).replace("</main>", `${TEXTS[0]}</main>`);
            await route.fulfill({ status: 200, headers: hasPolicy ? { ...headers, "content-security-policy": policy } : headers, body });
        });
        await page.goto(`${on.demo.base}/break-glass`);
        assert.ok((await foreign(page)) >= 4);
        assert.match(problems.join("\n"), hasPolicy ? /Content Security Policy/ : /a dialog: 1/);
        if (hasPolicy) assert.doesNotMatch(problems.join("\n"), /a dialog/, "the policy of contents stops what slipped through");
    }
});

// The numbers of the kits that the pharmacist finds on the shelf.
async function kitsOnTheShelf() {
    const { page, context } = await on.open();
    await logIn(page, on.demo, "pharmacist");
    await page.goto(`${on.demo.study}/kits`);
    const shown = (await page.textContent("main")).matchAll(/\d{4}\s\d{3}\s\d{3}/g);
    await context.close();
    return [...shown].map(([number]) => number.replaceAll(/\s/g, ""));
}

// Sends every form of a page in which something can be typed, with the text in each field, and without a password. Tells
// whether there was one.
async function typeEverywhere(page, address, looked) {
    const forms = page.locator("main form.act");
    const open = () => page.goto(`${on.demo.base}${address}`);
    await open();
    let isTyped = false;
    for (let place = 0; place < (await forms.count()); place += 1) {
        const form = forms.nth(place);
        const fields = form.locator("input[type=text], textarea");
        const names = await fields.evaluateAll((all) => all.map((field) => field.name));
        if (names.length === 0) continue;
        isTyped = true;
        for (const field of await fields.all()) await field.fill(TEXTS[0]);
        for (const list of await form.locator("select").all()) await list.selectOption({ index: 1 });
        for (const group of await form.locator("fieldset").all()) await group.locator("input").first().check();
        const sent = page.waitForNavigation();
        await form.locator(".buttons button:not(.quiet)").click();
        await sent;
        await looked(`${address} with something typed`);
        if ((await page.locator(".trouble[role=alert]").count()) > 0) await isKept(page, names);
        await open();
    }
    return isTyped;
}

// What was typed and refused is still there. (After a scan that was refused the next begins with an empty field, and so
// does the count in which a kit of another shipment was counted.)
async function isKept(page, names) {
    for (const name of names) {
        const field = page.locator(`main form.act input[type=text][name="${name}"]:not([data-scan], [name=counted]), textarea[name="${name}"]`);
        for (const one of await field.all()) assert.equal(await one.inputValue(), TEXTS[0], name);
    }
}

// Mails are plain text for a program that reads mails, and for a browser, too.
async function readMails() {
    const folder = path.join(on.demo.data, "mail");
    const { page, problems } = await on.open();
    const mails = fs.readdirSync(folder);
    assert.ok(mails.length > 10, `${mails.length} mails`);
    for (const mail of mails) {
        const [head] = fs.readFileSync(path.join(folder, mail), "utf8").split(/\r?\n\r?\n/);
        assert.match(head, /^content-type: text\/plain/im, mail);
        assert.doesNotMatch(head, /mark-[12]/, "no header is made of what somebody typed");
        await page.goto(pathToFileURL(path.join(folder, mail)).href);
        assert.equal(await foreign(page), 0, mail);
    }
    assert.deepEqual(problems.filter((problem) => !problem.includes("file://")), []);
}
