// Small helps, each optional: every page works without this file.
(function () {
  "use strict";
  var all = function (selector) { return Array.prototype.slice.call(document.querySelectorAll(selector)); };

  // The error summary gets the focus, so that it is read first.
  all("[data-focus]").slice(0, 1).forEach(function (summary) { summary.focus(); });

  // "None of these" unticks the rest, and the other way round.
  all("[data-none]").forEach(function (none) {
    var boxes = all('input[name="' + none.name + '"]');
    boxes.forEach(function (box) {
      box.addEventListener("change", function () {
        if (!box.checked) { return; }
        boxes.forEach(function (other) {
          if (other !== box && (box === none || other === none)) { other.checked = false; }
        });
      });
    });
  });

  // A second press while a form is on its way is ignored; the server would ignore it too.
  all("form[method=post]").forEach(function (form) {
    form.addEventListener("submit", function (event) {
      if (form.dataset.sent) { event.preventDefault(); return; }
      form.dataset.sent = "yes";
      window.setTimeout(function () { delete form.dataset.sent; }, 8000);
    });
  });
  window.addEventListener("pageshow", function () {
    all("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
  });

  all("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });

  // Answers stay on the page while there is no connection; calls still work.
  var banner;
  window.addEventListener("offline", function () {
    banner = document.createElement("div");
    banner.className = "ban ban--off";
    banner.setAttribute("role", "status");
    var own = document.querySelector("[data-offline]");
    banner.textContent = own ? own.dataset.offline : "You are offline. Your answers are kept on this page. Phone calls still work.";
    document.querySelector("main .wrap").prepend(banner);
  });
  window.addEventListener("online", function () { if (banner) { banner.remove(); } });
})();
