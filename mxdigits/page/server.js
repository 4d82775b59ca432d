"use strict";
// The network is asked over HTTP, of the server that the page comes from.
const network = (() => {
  const NO_SERVER = "The server does not answer. Is it still running?";

  async function asked(path, options) {
    try {
      return await fetch(path, options);
    } catch {
      throw new Error(NO_SERVER);
    }
  }

  async function post(path, body, headers = {}) {
    const response = await asked(path, {method: "POST", body, headers});
    const reply = await response.json().catch(() => ({}));
    if (response.ok) return reply;
    const wait = Number(response.headers.get("Retry-After"));
    if (wait) return {wait: 1000 * wait};
    throw new Error(reply.error || `The server failed (${response.status}).`);
  }

  return {
    model: async () => (await asked("model")).json().catch(() => { throw new Error(NO_SERVER); }),
    predict: (picture) => post("predict", picture),
    explain: (pixels) =>
      post("explain", JSON.stringify({pixels}), {"Content-Type": "application/json"}),
    keep: (picture, label) => post(`digits?label=${encodeURIComponent(label)}`, picture),
  };
})();
