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

// What goes on by itself: work that is done part by part, or a request of which it is not known whether it was done.
// Asked again under the same key, it is done once.
const goesOn = document.querySelector("form[data-goes-on]");
if (goesOn) setTimeout(() => goesOn.requestSubmit(), Number(goesOn.dataset.goesOn));
