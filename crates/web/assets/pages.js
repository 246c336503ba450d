// What the pages do beyond plain forms. Everything works without it, but for the camera.
"use strict";

// A form that is being sent is not sent twice. (Sent twice, it would have one effect all the same.) When the answer was
// a file, the page is still there after a while, and the form can be sent once more.
for (const form of document.querySelectorAll("form[method=post]")) {
    form.addEventListener("submit", (event) => {
        if (form.dataset.sent) event.preventDefault();
        form.dataset.sent = "yes";
        setTimeout(() => delete form.dataset.sent, 5000);
    });
}

// The SHA-256 of a file is computed here: the file goes nowhere.
for (const field of document.querySelectorAll("input[data-hash]")) {
    if (!globalThis.crypto?.subtle) break;
    const file = Object.assign(document.createElement("input"), { type: "file" });
    const label = document.createElement("label");
    label.append(field.dataset.hash, file);
    field.after(label);
    file.addEventListener("change", async () => {
        if (!file.files[0]) return;
        const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.files[0].arrayBuffer()));
        field.value = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
    });
}

// Back out of the browser's memory: the page is asked for anew, so that after a log-out nothing is shown.
addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
});

// What went wrong is where the reader begins.
document.querySelector("form .trouble[tabindex]")?.focus();

// A long file is told how far it is while it comes, line by line. One that breaks off is not saved.
const download = async (box, file) => {
    const [told, whole, broken] = box.querySelectorAll("p");
    const show = (shown) => [told, whole, broken].forEach((one) => (one.hidden = !shown.includes(one)));
    const bar = told.querySelector("progress");
    bar.value = 0;
    show([told]);
    try {
        const answer = await fetch(file.href);
        const [, name] = answer.headers.get("Content-Disposition")?.split('"') ?? [];
        // Another page came: a refusal, or the log-in. The browser goes there by itself.
        if (!name) {
            show([]);
            return location.assign(file.href);
        }
        const pieces = [];
        for (const reader = answer.body.getReader(); ;) {
            const { done, value } = await reader.read();
            if (done) break;
            pieces.push(value);
            bar.value += value.reduce((lines, byte) => lines + (byte === 10), 0);
        }
        const href = URL.createObjectURL(new Blob(pieces));
        Object.assign(document.createElement("a"), { href, download: name }).click();
        setTimeout(() => URL.revokeObjectURL(href), 60000);
        show([told, whole]);
    } catch {
        show([broken]);
    }
};
for (const box of document.querySelectorAll(".download")) {
    const file = box.querySelector("a");
    let comes = false;
    file.addEventListener("click", async (event) => {
        // Into another tab or window the file comes without this page.
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        if (comes) return;
        comes = true;
        await download(box, file);
        comes = false;
    });
}

// What goes on by itself: work that is done part by part, or a request of which it is not known whether it was done.
// Asked again under the same key, it is done once.
const goesOn = document.querySelector("form[data-goes-on]");
if (goesOn) setTimeout(() => goesOn.requestSubmit(), Number(goesOn.dataset.goesOn));
