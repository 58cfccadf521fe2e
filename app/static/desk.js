// The desk's list: filters, choosing several, keys. It works without.
(function () {
  "use strict";
  var all = (selector, within) => Array.from((within || document).querySelectorAll(selector));
  var one = (selector, within) => (within || document).querySelector(selector);

  all("[data-applies]").forEach(function (form) {
    form.addEventListener("change", () => { form.submit(); });
  });

  // Choosing several, and keys while the focus is in the list.
  function list(form) {
    var rows = all("tr.row", form), bar = one("[data-bulk]", form), clear = one("[data-clear]", form), current = null;
    var name = (row) => one("a.who", row);
    var box = (row) => one("input[type=checkbox]", row);

    function count() {
      var number = all("input[name=id]:checked", form).length;
      one("[data-selected]", form).textContent = number + " selected";
      bar.classList.toggle("bulk--none", !number);
    }
    function pick(row, on) {
      var tick = box(row);
      if (tick) { tick.checked = on === undefined ? !tick.checked : on; }
      count();
    }
    function none() {
      all("input[name=id]:checked", form).forEach((tick) => { tick.checked = false; });
      count();
      if (current) { name(current).focus(); }
    }
    function go(by, extend) {
      var next = rows[rows.indexOf(current) + by];
      if (!next) { return; }
      if (extend) { pick(current, true); pick(next, true); }
      name(next).focus();
    }
    function open(add, anchor) {
      var way = new URL(name(current).href);
      if (add) { way.searchParams.set("open", add); }
      way.hash = anchor;
      location.assign(way);
    }
    function claim() {
      if (all("input[name=id]:checked", form).length) { one("[data-key=a]", form).click(); return; }
      var own = form.cloneNode();
      own.action = "/desk/requests/" + current.id + "/assign";
      all("[type=hidden]", form).forEach((field) => { own.append(field.cloneNode()); });
      document.body.append(own);
      own.submit();
    }
    var does = {
      arrowdown: (event) => { go(1, event.shiftKey); },
      arrowup: (event) => { go(-1, event.shiftKey); },
      j: () => { go(1); },
      k: () => { go(-1); },
      x: () => { pick(current); },
      a: claim,
      c: () => { open("", "call-choice"); },
      n: () => { open("note", "note-note"); },
      b: () => { location.assign("/desk/requests/" + current.id + "/booking" + name(current).search); }
    };
    var anywhere = {
      escape: none,
      "/": () => { one("#q").focus(); },
      "?": function () { var help = one("#keys"); help.open = true; one("summary", help).focus(); }
    };

    function pressed(event) {
      var key = event.key.toLowerCase(), on = event.target;
      if (event.ctrlKey || event.altKey || event.metaKey || on.tagName === "SELECT" && key !== "escape") { return; }
      var onName = on.classList.contains("who"), act = anywhere[key] || current && does[key];
      if (key === " " && onName) { act = does.x; }
      if (key === "enter" && on.type === "checkbox") { act = () => { name(current).click(); }; }
      if (/^[1-7]$/.test(key)) { act = () => { all("[data-views] a")[key - 1].click(); }; }
      if (!act) { return; }
      event.preventDefault();
      act(event);
    }

    clear.hidden = false;
    clear.addEventListener("click", none);
    form.addEventListener("change", count);
    form.addEventListener("focusin", function (event) {
      var row = event.target.closest("tr.row");
      if (!row) { return; }
      if (current) { current.classList.remove("cur"); }
      current = row;
      row.classList.add("cur");
    });
    count();
    // After the browser has gone to the row, which takes the focus away.
    window.addEventListener("pageshow", function () {
      var back = rows.find((row) => "#" + row.id === location.hash);
      if (back) { setTimeout(() => { name(back).focus(); }); }
    });
    if (!("keys" in form.dataset)) { return; }
    all("[data-for-keys]").forEach((each) => { each.hidden = false; });
    var short = (control, keys) => { control.setAttribute("aria-keyshortcuts", keys); };
    rows.forEach((row) => { short(name(row), "Enter ArrowUp ArrowDown K J X Space C A B N"); });
    all("[data-views] a").slice(0, 7).forEach((view, place) => { short(view, place + 1); });
    short(one("[data-key=a]", form), "A");
    short(one("#q"), "/");
    short(one("#keys summary"), "?");
    short(clear, "Escape");
    form.addEventListener("keydown", pressed);
  }
  all("[data-list]").forEach(list);
})();
