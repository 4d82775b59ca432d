// mxdigits/digitize/opening/picture.py: a picture file to a grid of its light, upright, nothing transparent.

const CANNOT_READ = "the picture: this browser cannot read it; a PNG, JPEG, WebP, BMP or GIF it can";

const LOOKED_AT = 16384;  // pixels, evenly spread, or a few more tell how much light differs
const ENDS = [0.2, 99.8];  // percent of them lie beyond what differs: a thin stroke is more
const INK_AND_PAPER = 0.25;  // they differ by more
const COLOURED = 0.2, ALIKE_IN_GREY = 0.25;  // a colour differs so much, and grey by so little of that

async function openPicture(blob) {
  const pixels = await pixelsOf(blob), {width, height, data} = pixels;
  const grey = grid(width, height), alpha = grid(width, height);
  let transparent = false, coloured = false;
  for (let i = 0, at = 0; at < data.length; i++, at += 4) {
    // Rec. 601, as Pillow rounds it.
    const sum = 19595 * data[at] + 38470 * data[at + 1] + 7471 * data[at + 2];
    grey.values[i] = ((sum + 0x8000) >> 16) / 255;
    alpha.values[i] = data[at + 3] / 255;
    transparent ||= data[at + 3] < 255;
    coloured ||= data[at] !== data[at + 1] || data[at] !== data[at + 2];
  }
  if (transparent) return onPaper(grey, alpha);
  return coloured ? ofColours(grey, data) : grey;
}

// The luminance, or that colour that differs most where luminance hardly does.
function ofColours(grey, data) {
  const differs = rangeOf(grey);
  if (differs > ALIKE_IN_GREY) return grey;
  const colours = [0, 1, 2].map((which) => mapped(grey, (_, i) => data[4 * i + which] / 255));
  const ranges = colours.map(rangeOf), most = indexOfHighest(ranges);
  return ranges[most] >= Math.max(COLOURED, differs / ALIKE_IN_GREY) ? colours[most] : grey;
}

// How much the light of a picture differs, but for a few pixels.
function rangeOf({values}) {
  const step = Math.floor(values.length / LOOKED_AT) | 1;
  const some = values.filter((_, i) => i % step === 0).sort();
  const [low, high] = ENDS.map((share) => percentile(some, share));
  return high - low;
}

// Colours as the file has them, turned as its EXIF orientation says.
async function pixelsOf(blob) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(
      blob, {imageOrientation: "from-image", colorSpaceConversion: "none", premultiplyAlpha: "none"});
  } catch {
    throw new Error(CANNOT_READ);
  }
  const canvas = document.createElement("canvas");
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  const context = canvas.getContext("2d", {willReadFrequently: true});
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

// Lay a picture with transparency on what it was meant to lie on.
function onPaper(grey, alpha) {
  const paper = paperOf(grey, alpha);
  return mapped(grey, (value, i) =>
    f32(value * alpha.values[i]) + f32(paper * f32(1 - alpha.values[i])));
}

function paperOf(grey, alpha) {
  const {width, height} = grey;
  const isSeen = (i) => alpha.values[i] > 0.5;
  const seen = grey.values.filter((_, i) => isSeen(i)).sort();
  if (!seen.length) return 1;
  const [low, middle, high] = [2, 50, 98].map((share) => percentile(seen, share));
  if (high - low > INK_AND_PAPER) {
    const isBeside = (i) => {
      const x = i % width, y = (i - x) / width;
      return (x > 0 && !isSeen(i - 1)) || (x < width - 1 && !isSeen(i + 1))
        || (y > 0 && !isSeen(i - width)) || (y < height - 1 && !isSeen(i + width));
    };
    const edge = grey.values.filter((_, i) => isSeen(i) && isBeside(i)).sort();
    const inside = grey.values.filter((_, i) => isSeen(i) && !isBeside(i)).sort();
    if (edge.length && inside.length) {
      const fades = percentile(edge, 50) - percentile(inside, 50);
      // As where white paper alone was made transparent.
      if (Math.abs(fades) > INK_AND_PAPER) return fades > 0 ? 1 : 0;
    }
    const [left, top, right, bottom] = boxes(mapped(alpha, (value) => value > 0.5), 1)[0];
    // Paper and ink, with a ragged edge.
    if (seen.length > 0.6 * (right - left) * (bottom - top)) return f32(middle);
  }
  return middle > 0.5 ? 0 : 1;
}
