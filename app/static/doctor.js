// Helps for a doctor's phone, each optional: the list and the case work without this file.
(function () {
  "use strict";
  var all = function (selector) { return Array.prototype.slice.call(document.querySelectorAll(selector)); };
  var minute = 60000;

  // The words of app.formats.length_of_time.
  function lengthOfTime(ms) {
    var minutes = Math.max(0, Math.floor(ms / minute));
    if (minutes < 60) { return minutes + " min"; }
    if (minutes < 600 && minutes % 60) { return Math.floor(minutes / 60) + " h " + (minutes % 60) + " min"; }
    if (minutes < 48 * 60) { return Math.floor(minutes / 60) + " h"; }
    return Math.floor(minutes / (24 * 60)) + " days";
  }

  // Elapsed times go on, by the server's clock: a phone's own may be wrong.
  var clocks = all("[data-since]"), loaded = Date.now();
  function tick() {
    clocks.forEach(function (clock) {
      var now = Date.parse(clock.dataset.now) + Date.now() - loaded;
      var length = lengthOfTime(now - Date.parse(clock.dataset.since)), due = Date.parse(clock.dataset.due);
      if (now > due) {
        var late = lengthOfTime(now - due);
        clock.textContent = length + ", late " + (late.indexOf("h") < 0 ? late.replace(" min", "") : late);
      } else {
        clock.textContent = length + (clock.dataset.target ? " of " + clock.dataset.target : "");
      }
    });
  }
  if (clocks.length) { window.setInterval(tick, 30000); }

  // After a call the page comes back: how did it go?
  var asks = document.querySelector("[data-after-call]"), outcome = document.getElementById("outcome"), calling = false;
  function back() {
    if (!calling || document.visibilityState === "hidden") { return; }
    calling = false;
    asks.hidden = false;
    outcome.focus();
    outcome.scrollIntoView();
  }
  if (asks && outcome) {
    all(".dock a[href^='tel:']").forEach(function (call) {
      call.addEventListener("click", function () { calling = true; });
    });
    document.addEventListener("visibilitychange", back);
    window.addEventListener("pageshow", back);
    window.addEventListener("focus", back);
  }

  // Without a line: the case stays readable in memory for half an hour, and what was pressed waits.
  var unsent = null, again = null, forget = null;
  function say(form, words) {
    var told = form.querySelector("[role=status]");
    if (!told) {
      told = document.createElement("p");
      told.setAttribute("role", "status");
      form.prepend(told);
    }
    told.textContent = words;
  }
  function send(form) {
    window.clearTimeout(again);
    var sending = { method: "POST", body: new FormData(form), credentials: "same-origin", redirect: "manual" };
    fetch(form.action, sending).then(function (answer) {
      unsent = null;
      // The case itself says what came of it; whatever went wrong has a page of its own.
      if (answer.type === "opaqueredirect") { window.location.replace(form.action.replace(/\/[^/]*$/, "")); } else { form.submit(); }
    }, function () {
      unsent = form;
      say(form, form.dataset.unsent);
      again = window.setTimeout(function () { send(form); }, 15000);
    });
  }
  all("form[data-unsent]").forEach(function (form) {
    form.addEventListener("submit", function (event) { 
      if (!event.defaultPrevented) { event.preventDefault(); send(form); }
    });
  });
  window.addEventListener("online", function () {
    window.clearTimeout(forget);
    if (unsent) { send(unsent); }
  });
  window.addEventListener("offline", function () {
    if (!document.querySelector(".dock")) { return; }
    forget = window.setTimeout(function () {
      var gone = document.createElement("p");
      gone.textContent = "The case was taken off this page after 30 minutes without a line. Load it again.";
      document.querySelector("main .two").replaceWith(gone);
    }, 30 * minute);
  });
})();
