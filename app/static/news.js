// What has come since a list was made. Rows never move: a bar tells.
(function () {
  "use strict";
  function watch(live) {
    var data = live.dataset, etag = "", told = {}, busy = false, late = false;
    var quiet = document.querySelector("[data-status]"), loud = document.querySelector("[data-alert]");
    var title = document.title.replace(/^\(\d+\+? emergenc\w+\) /, "");
    var shown = live.querySelector("[data-updated]"), last = shown.textContent;

    function say(bar, words, link, href) {
      bar.textContent = words + " ";
      if (link) {
        var way = document.createElement("a");
        way.href = href;
        way.textContent = link;
        bar.append(way);
      }
      bar.hidden = !words;
    }

    function tone() {
      var audio = new AudioContext(), sound = audio.createOscillator(), gain = audio.createGain();
      sound.frequency.value = 523;
      gain.gain.setValueAtTime(0.12, 0);
      gain.gain.exponentialRampToValueAtTime(0.001, 0.8);
      sound.connect(gain).connect(audio.destination);
      sound.start();
      sound.stop(0.8);
    }

    function tell(answer) {
      var fresh = answer.new.filter((each) => !document.getElementById(each[0]));
      var pressing = fresh.filter((each) => each[1]);
      var others = fresh.length - pressing.length;
      document.title = answer.alarm + title;
      if (pressing.length) {
        say(loud, pressing.length + (pressing.length === 1 ? " new emergency." : " new emergencies."), "Show it", data.here);
        if ("tone" in data && pressing.some((each) => !told[each[0]])) { tone(); }
      }
      say(quiet, others ? others + (others === 1 ? " new request." : " new requests.") : "", "Show", data.here);
      fresh.forEach((each) => { told[each[0]] = true; });
    }

    function failed(words) {
      late = true;
      say(quiet, "Not updated since " + last + ". " + words, data.paper && "Urgent cases on paper", data.paper);
    }

    function ask() {
      if (document.hidden || busy) { return; }
      busy = true;
      var address = data.news + (data.news.indexOf("?") < 0 ? "?" : "&") + "since=" + data.made;
      fetch(address, {headers: etag ? {"If-None-Match": etag} : {}, cache: "no-store", redirect: "manual"}).then(function (response) {
        if (response.type === "opaqueredirect") { failed("You were signed out: open the page again."); return null; }
        if (response.status !== 304 && !response.ok) { throw new Error("no answer"); }
        last = response.headers.get("X-Clock");
        shown.textContent = last;
        if (late) { late = false; etag = ""; say(quiet, ""); }
        if (response.status === 304) { return null; }
        etag = response.headers.get("ETag") || "";
        return response.json().then(tell);
      }).catch(function () {
        failed("Check the internet, or use the list on paper.");
      }).then(() => { busy = false; });
    }

    setInterval(ask, 20000);
    document.addEventListener("visibilitychange", ask);
    window.addEventListener("online", ask);
  }
  document.querySelectorAll("[data-news]").forEach(watch);
})();
