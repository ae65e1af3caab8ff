(function () {
  var root = document.documentElement, order = ["auto", "light", "dark"];
  var theme = document.getElementById("theme"), fold = document.getElementById("fold");
  var open = false, now = "auto";
  function show() {
    if (now === "auto") { root.removeAttribute("data-theme"); } else { root.setAttribute("data-theme", now); }
    theme.textContent = "Colours: " + now;
  }
  function unfold(state) {
    document.querySelectorAll("details").forEach(function (one) { one.open = state; });
    fold.textContent = state ? "Fold all" : "Unfold all";
    open = state;
  }
  theme.hidden = false; fold.hidden = false; show();
  theme.onclick = function () { now = order[(order.indexOf(now) + 1) % 3]; show(); };
  fold.onclick = function () { unfold(!open); };
  function reveal() {
    var aim = document.getElementById(location.hash.slice(1));
    for (var at = aim; at; at = at.parentElement) { if (at.tagName === "DETAILS") { at.open = true; } }
    if (aim) { aim.scrollIntoView(); }
  }
  window.addEventListener("hashchange", reveal);
  reveal();
  window.addEventListener("beforeprint", function () { unfold(true); });
})();
