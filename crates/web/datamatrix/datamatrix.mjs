// Reads a Data Matrix out of a picture: what is needed of ZXing for that. `npm run build` makes of it the file that is
// served, crates/web/assets/datamatrix.js.

import HybridBinarizer from "@zxing/library/es2015/core/common/HybridBinarizer.js";
import Decoder from "@zxing/library/es2015/core/datamatrix/decoder/Decoder.js";
import Detector from "@zxing/library/es2015/core/datamatrix/detector/Detector.js";
import RGBLuminanceSource from "@zxing/library/es2015/core/RGBLuminanceSource.js";

const SEPARATOR = "\u001d";
// How a scanner says that it read a GS1 code.
const GS1 = "]d2";

// The text in the code around the middle of a picture, as a scanner types it; null when none can be read there.
export function read({ data, width, height }) {
    try {
        const points = new HybridBinarizer(new RGBLuminanceSource(grey(data), width, height)).getBlackMatrix();
        const text = new Decoder().decode(new Detector(points).detect().getBits()).getText();
        return text.startsWith(SEPARATOR) ? GS1 + text.slice(1) : text;
    } catch {
        // Most pictures of a camera hold no code, or one that is blurred; the error correction refuses what it cannot
        // make good.
        return null;
    }
}

function grey(pixels) {
    const greys = new Uint8ClampedArray(pixels.length / 4);
    for (let at = 0; at < greys.length; at += 1) {
        const red = 4 * at;
        greys[at] = 0.299 * pixels[red] + 0.587 * pixels[red + 1] + 0.114 * pixels[red + 2];
    }
    return greys;
}
