// What the page asks, answered in the page itself: the network of this file, run by onnxruntime.

const MOST_PIXELS = 16_000_000;  // as a server takes them; what is larger is made smaller first
const OTHER_WHITE = 16;  // a network would see an image as black that is no lighter

const held = (id) => document.getElementById(id).textContent;

const described = JSON.parse(held("network-description"));

async function unpacked(id) {
  const packed = Uint8Array.from(atob(held(id)), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// The bytes of numbers lie apart in the file: all first ones, then all second ones ...
function joined(apart) {
  const count = apart.length / 4, bytes = new Uint8Array(apart.length);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < 4; j++) bytes[4 * i + j] = apart[j * count + i];
  }
  return bytes.subarray(0, described.bytes);
}

const script = (text) => URL.createObjectURL(new Blob([text], {type: "text/javascript"}));

async function opened() {
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmBinary = await unpacked("runtime-wasm");
  const glue = script(await unpacked("runtime-glue"));
  // It would look for the WebAssembly beside itself, although it has it, and a blob has no place.
  ort.env.wasm.wasmPaths = {mjs: script(`import runtime from "${glue}";
    export default (options) => runtime(Object.assign(options, {locateFile: (name) => name}));`)};
  return ort.InferenceSession.create(joined(await unpacked("network-onnx")));
}

// What is made once; what hinders it is told when something is asked.
function needed(made) {
  const told = made.catch((error) => {
    console.warn(error);
    throw new Error(`This browser cannot run the network: ${error.message || error}`);
  });
  told.catch(() => {});
  return told;
}

const session = needed(opened());

// Those of each of several images.
async function probabilities(images) {
  const [channels, height, width] = described.image_shape, size = height * width;
  const all = new Float32Array(images.length * channels * size);
  images.forEach(({values}, i) => {
    const one = Float32Array.from(values, (value) => value * f32(1 / 255));
    for (let channel = 0; channel < channels; channel++) all.set(one, (i * channels + channel) * size);
  });
  const opened = await session, [taken] = opened.inputNames, [given] = opened.outputNames;
  const input = new ort.Tensor("float32", all, [images.length, channels, height, width]);
  const {data} = (await opened.run({[taken]: input}))[given], classes = described.classes.length;
  return images.map((_, i) => data.subarray(i * classes, (i + 1) * classes));
}

function checkInk(image) {
  const most = highest(image.values);
  if (!most) throw new Error("there is no digit in the picture");
  if (most <= OTHER_WHITE) {
    throw new Error(`the picture: the largest pixel is ${most}, and white is 255`);
  }
}

// A network that knows digits alone is asked only of what looks like one.
const onlyDigits = described.preprocessing === "mnist"
  && described.classes.every((name) => /^[0-9]$/.test(name));
const layers = needed(unpacked("likeness").then(likenessLayers));

const rowsOf = ({width, height, values}) =>
  Array.from({length: height}, (_, y) => [...values.subarray(y * width, (y + 1) * width)]);

const gridOf = (rows) => grid(rows[0].length, rows.length, Float32Array.from(rows.flat()));

globalThis.network = {
  async model() {
    const {run, classes} = described, limits = {bytes: Infinity, pixels: MOST_PIXELS};
    return {name: run, classes, keeps_digits: false, limits};
  },
  async predict(blob) {
    const light = await openPicture(blob), known = await layers;
    const likenessOf = (image) => likeness(image, known);
    const {image, count} = preprocessed(
      light, described.preprocessing, described.image_shape, likenessOf, onlyDigits);
    checkInk(image);
    const [given] = await probabilities([image]), like = onlyDigits ? likenessOf(image) : 1;
    const shares = weighted(given, like), best = indexOfHighest(shares);
    return {
      answer: described.classes[best],
      confidence: shares[best],
      probabilities: Object.fromEntries(described.classes.map((name, i) => [name, shares[i]])),
      pixels: rowsOf(image),
      digits: like < LEAST_LIKENESS ? 0 : count,
    };
  },
  async explain(rows) {
    const image = gridOf(rows), [given] = await probabilities([image]);
    const best = indexOfHighest(given), evidence = await occlusion(probabilities, image, best);
    return {label: described.classes[best], evidence: rowsOf(evidence)};
  },
};

unpacked("notices").then((notices) => {
  const licences = new Blob([held("licence"), notices], {type: "text/plain;charset=utf-8"});
  const link = document.getElementById("licences");
  [link.href, link.target] = [URL.createObjectURL(licences), "_blank"];
}).catch(() => {});  // whoever cannot unpack it is told when something is asked
