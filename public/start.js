// Starts the app. A file of its own, because the security policy allows no inline script.
// After the build both names hold the hash of the file's content (xtask/src/post_build).
try {
  const code = WebAssembly.compileStreaming(fetch(new URL("./keruen-app_bg.wasm", import.meta.url)));
  const { default: init } = await import("./keruen-app.js");
  const module_or_path = await code;
  // This script waits neither for the style sheet nor for the rest of the page.
  if (document.readyState === "loading") {
    await new Promise(resolve => addEventListener("DOMContentLoaded", resolve, { once: true }));
  }
  await init({ module_or_path });
} catch (error) {
  console.error(error);
  // The words are in the page, since nothing that could choose a language has started.
  document.getElementById("start-failed")?.removeAttribute("hidden");
}
