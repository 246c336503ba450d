// The code on a kit is read with the camera into a field for scanners, as a scanner would type it; into a list, on a
// line. No picture leaves the page, nothing is sent by it, and the camera is on only while its picture is shown.
{
    // A picture is looked at from far and from near: so much of it, around the middle, on so many points.
    const PARTS = [0.9, 0.6, 0.4];
    const SIDE = 400;
    // And turned by so many degrees, one after the other: the code is found best when it lies straight.
    const TURNS = [0, 10, -10, 20, -20, 30, -30, 40, -40];
    // The one at the back of a phone.
    const CAMERA = { video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } } };

    const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    pen.canvas.width = pen.canvas.height = SIDE;

    function picture(video, part, turn) {
        const { videoWidth: width, videoHeight: height } = video;
        const scale = SIDE / (part * Math.min(width, height));
        pen.setTransform(scale, 0, 0, scale, SIDE / 2, SIDE / 2);
        pen.rotate((turn * Math.PI) / 180);
        pen.drawImage(video, -width / 2, -height / 2);
        return pen.getImageData(0, 0, SIDE, SIDE);
    }

    // What is read first; nothing when the dialog is closed before.
    async function readFirst(read, video, dialog) {
        for (let tries = 0; dialog.open; tries += 1) {
            await new Promise(requestAnimationFrame);
            for (const part of PARTS) {
                const text = read(picture(video, part, TURNS[tries % TURNS.length]));
                if (text) return text;
            }
        }
    }

    // Shows what the camera sees until a code is read or the dialog is closed, by Escape as well.
    async function scan(dialog) {
        const video = dialog.querySelector("video");
        let stream;
        dialog.showModal();
        try {
            const { read } = await import("/datamatrix.js");
            stream = await navigator.mediaDevices.getUserMedia(CAMERA);
            video.srcObject = stream;
            await video.play();
            return await readFirst(read, video, dialog);
        } finally {
            for (const track of stream?.getTracks() ?? []) track.stop();
            video.srcObject = null;
            dialog.close();
        }
    }

    // Puts the button under the field, and what it opens.
    function equip(field) {
        field.after(field.nextElementSibling.content.cloneNode(true));
        const line = field.nextElementSibling;
        const dialog = line.nextElementSibling;
        const [opener, told] = line.children;
        const tell = (what) => (told.textContent = line.dataset[what] ?? "");
        dialog.querySelector("button").addEventListener("click", () => dialog.close());
        opener.addEventListener("click", async () => {
            tell();
            try {
                const text = await scan(dialog);
                if (!text) return;
                const before = field.value.replace(/(?<=[^\n])$/, "\n");
                field.value = field.matches("textarea") ? `${before}${text}\n` : text;
                field.dispatchEvent(new Event("input", { bubbles: true }));
                tell("read");
                (field.matches("textarea") ? opener : after(field, line, dialog))?.focus();
            } catch (error) {
                tell(error.name === "NotAllowedError" ? "refused" : "absent");
            }
        });
    }

    // What is filled in or pressed after a field.
    function after(field, ...own) {
        const all = [...field.form.elements];
        const next = all.slice(all.indexOf(field) + 1);
        return next.find((one) => one.type !== "hidden" && !own.some((part) => part.contains(one)));
    }

    async function begin() {
        const fields = document.querySelectorAll("[data-scan]");
        const devices = fields.length > 0 && (await navigator.mediaDevices?.enumerateDevices());
        if (devices && devices.some(({ kind }) => kind === "videoinput")) fields.forEach((field) => equip(field));
    }

    void begin();
}
