"use strict";
// The slider: shows what was known at the end of a day. Without it, the page stands as of now.
(() => {
  const data = JSON.parse(document.getElementById("replay-data").textContent);
  const box = document.getElementById("replay");
  const slider = document.getElementById("day");
  const out = document.getElementById("day-shown");
  const last = data.stops.length - 1;
  const timed = [...document.querySelectorAll("[data-start]")];
  const veils = [...document.querySelectorAll(".veil")];
  const text = (state, place) => data.texts[state[place]];

  function at(subject, stop) {
    const states = data.subjects[subject];
    let found = states[0];
    for (const state of states) if (state[0] <= stop) found = state;
    return found;
  }

  function show(stop) {
    const counts = {};
    for (const subject of Object.keys(data.subjects)) {
      const state = at(subject, stop);
      counts[state[1]] = (counts[state[1]] || 0) + 1;
      for (const holder of document.querySelectorAll(`[data-subject="${subject}"]`)) {
        if (holder.dataset.status) holder.dataset.status = state[1];
        holder.classList.toggle("contested", text(state, 5) !== "");
        if (holder.hasAttribute("aria-label")) holder.setAttribute("aria-label", text(state, 6));
        for (const mark of holder.querySelectorAll("use")) mark.setAttribute("href", `#mark-${state[1]}`);
        for (const part of holder.querySelectorAll("[data-part]")) {
          part.textContent = text(state, Number(part.dataset.part));
        }
      }
    }
    for (const cell of document.querySelectorAll("[data-count]")) {
      cell.textContent = counts[cell.dataset.count] || 0;
    }
    for (const item of timed) {
      const until = item.dataset.stop === undefined ? Infinity : Number(item.dataset.stop);
      item.classList.toggle("untold", !(Number(item.dataset.start) <= stop && stop < until));
    }
    const edge = data.edges[stop];
    for (const veil of veils) {
      veil.setAttribute("x", data.back ? "0%" : `${edge}%`);
      veil.setAttribute("width", `${data.back ? edge : 100 - edge}%`);
    }
    out.textContent = data.stops[stop];
    slider.setAttribute("aria-valuetext", data.stops[stop]);
    document.body.classList.toggle("past", stop < last);
  }

  slider.max = last;
  slider.value = last;
  slider.addEventListener("input", () => show(Number(slider.value)));
  for (const [id, step] of [["day-before", -1], ["day-after", 1]]) {
    document.getElementById(id).addEventListener("click", () => {
      slider.value = Number(slider.value) + step;
      show(Number(slider.value));
    });
  }
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((item) => { item.open = true; }));
  if (last > 0) box.hidden = false;
  show(last);
})();
