// Starts the app. A file of its own, because the security policy allows no inline script; and no
// module, so that it runs before the page is parsed: the wasm is compiled while the rest is read.
// After the build both names hold the hash of the file's content (xtask/src/post_build).
"use strict";

(async here => {
  const parsed = document.readyState === "loading" && new Promise(resolve => {
    addEventListener("DOMContentLoaded", resolve, { once: true });
  });
  try {
    const code = WebAssembly.compileStreaming(fetch(new URL("./keruen-app_bg.wasm", here)));
    const { default: init } = await import("./keruen-app.js");
    const module_or_path = await code;
    await parsed;
    await init({ module_or_path });
  } catch (error) {
    console.error(error);
    await parsed;
    // The words are in the page, since nothing that could choose a language has started.
    document.getElementById("start-failed")?.removeAttribute("hidden");
  }
})(document.currentScript.src);
