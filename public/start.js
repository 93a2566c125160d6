// Starts the app. A file of its own, because the security policy allows no inline script.
// After the build both names hold the hash of the file's content (xtask/src/post_build).
try {
  const { default: init } = await import("./keruen-app.js");
  await init({ module_or_path: new URL("./keruen-app_bg.wasm", import.meta.url) });
} catch (error) {
  console.error(error);
  // The words are in the page, since nothing that could choose a language has started.
  document.getElementById("start-failed")?.removeAttribute("hidden");
}
