// mxdigits/digitize/ink/second_look.py: looks at a picture again, where the first look has found no digit.

// Likeness of what is found: of noise and shadows that are left most has less; of ink that was made more
// or less; of lines, that may be those of a box.
const LEAST_AGAIN = 0.9, LEAST_CHANGED = 0.95, LEAST_WITH_LINES = 0.99;
const TIMES_DARKER = 3;  // of a hard pencil's gaps more are closed than by two, and no noise is ink yet
const EDGE_ROUNDS = 3;  // in which what lies along the edges is taken away: behind it there may be more

// The ink for each other look, the likeliest first; `least` is how much like a digit it has to look,
// `lines` says whether they are a part of it.
function* looksAgain(light, first) {
  const beside = inksOf(light, true).map(withoutEdges);
  const less = (seen) => ({...seen, ink: mapped(seen.ink, (value) => Math.max(2 * value - 1, 0))});
  yield {inks: beside, least: LEAST_AGAIN, lines: false};
  // A hard pencil leaves gaps; what is uneven in light, or a bent line, is paler than a pen.
  yield {inks: beside.map(darker), least: LEAST_CHANGED, lines: false};
  yield {inks: beside.map(less), least: LEAST_CHANGED, lines: false};
  const thin = first.map(({dark}) => withoutEdges(thinInkOf(dark)));
  yield {inks: thin, least: LEAST_CHANGED, lines: false};
  yield {inks: thin.map(darker), least: LEAST_CHANGED, lines: false};
  yield {inks: first, least: LEAST_WITH_LINES, lines: true};
}

const darker = (seen) => ({
  ...seen,
  ink: mapped(seen.ink, (value) => Math.min(TIMES_DARKER * value, 1)),
  contrast: seen.contrast / TIMES_DARKER,
});

// Without what is dark along an edge or a straight line from edge to edge: beside that, a pen looks as
// pale as a shadow.
function withoutEdges(seen) {
  for (let round = 0; round < EDGE_ROUNDS; round++) {
    const rest = withoutCutOff(piecesOf(seen.ink));
    if (!rest) break;
    const level = levelled(rest), contrast = seen.contrast * level.contrast;
    const ink = contrast < FAINTEST ? mapped(level.ink, () => 0) : level.ink;
    seen = {...seen, ink, contrast};
  }
  return seen;
}
