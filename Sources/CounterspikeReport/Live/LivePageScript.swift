/// What the page does.
enum LivePageScript {
  /// Curves and the raster, drawn as vector graphics.
  static let charts = #"""
    const space = "http://www.w3.org/2000/svg";
    function element(parent, name, attributes, text) {
      const made = document.createElementNS(space, name);
      for (const key in attributes) made.setAttribute(key, attributes[key]);
      if (text !== undefined) made.textContent = text;
      parent.append(made);
      return made;
    }
    function short(value) {
      if (value === 0) return "0";
      const size = Math.abs(value);
      return size >= 1e5 || size < 1e-3 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
    }
    function ticks(low, high, count) {
      const rough = (high - low) / count;
      const power = 10 ** Math.floor(Math.log10(rough));
      const step = [1, 2, 5, 10].map(m => m * power).find(s => s >= rough);
      const found = [];
      for (let place = Math.ceil(low / step); place * step <= high * (1 + 1e-9); place++) {
        found.push(place * step);
      }
      return found;
    }
    function chart(id, title, curves, range) {
      const place = document.getElementById(id);
      const width = Math.max(place.clientWidth, 240), height = 230;
      const edge = { left: 46, right: 10, top: 8, bottom: 34 };
      const filled = curves.filter(curve => curve.points.length > 0);
      place.replaceChildren();
      const image = element(place, "svg", { viewBox: `0 0 ${width} ${height}`, role: "img" });
      image.setAttribute("aria-label", `${title} over epochs: ` + (filled.map(curve =>
        `${curve.name} ${short(curve.points[curve.points.length - 1][1])}`).join(", ") || "no values yet"));
      if (filled.length === 0) {
        element(image, "text", { x: edge.left, y: 30 }, "no values yet");
        return;
      }
      const xs = filled.flatMap(curve => curve.points.map(point => point[0]));
      const ys = filled.flatMap(curve => curve.points.map(point => point[1]));
      let [x0, x1] = [Math.min(0, ...xs), Math.max(...xs)];
      let [y0, y1] = range ?? [Math.min(...ys), Math.max(...ys)];
      if (x1 - x0 < 1e-9) x1 = x0 + 1;
      if (y1 - y0 < 1e-9) { y0 -= 0.5; y1 += 0.5; }
      const X = x => edge.left + (x - x0) / (x1 - x0) * (width - edge.left - edge.right);
      const Y = y => height - edge.bottom - (y - y0) / (y1 - y0) * (height - edge.top - edge.bottom);
      for (const y of ticks(y0, y1, 5)) {
        element(image, "line", { x1: edge.left, x2: width - edge.right, y1: Y(y), y2: Y(y), class: "grid" });
        element(image, "text", { x: edge.left - 5, y: Y(y) + 4, "text-anchor": "end" }, short(y));
      }
      for (const x of ticks(x0, x1, Math.min(6, width / 90))) {
        element(image, "text", { x: X(x), y: height - edge.bottom + 14, "text-anchor": "middle" }, short(x));
      }
      element(image, "text",
        { x: (edge.left + width) / 2, y: height - 3, "text-anchor": "middle" }, "epoch");
      const key = document.createElement("div");
      key.className = "key";
      filled.forEach((curve, index) => {
        const look = `s${index % 8}`;
        const path = curve.points.map(([x, y], place) =>
          `${place ? "L" : "M"}${X(x).toFixed(1)} ${Y(Math.min(Math.max(y, y0), y1)).toFixed(1)}`).join("");
        element(image, "path", { d: path, class: look, "stroke-linejoin": "round" });
        if (curve.points.length === 1) {
          const [x, y] = curve.points[0];
          element(image, "circle", { cx: X(x), cy: Y(y), r: 2.5, class: look });
        }
        const entry = document.createElement("span");
        element(element(entry, "svg", { viewBox: "0 0 26 10", "aria-hidden": "true" }),
          "path", { d: "M0 5L26 5", class: look });
        entry.append(`${curve.name} ${short(curve.points[curve.points.length - 1][1])}`);
        key.append(entry);
      });
      place.append(key);
    }
    function raster(id, raster) {
      const place = document.getElementById(id);
      place.replaceChildren();
      if (!raster) return;
      const width = Math.max(place.clientWidth, 240), edge = 74, row = 3, gap = 14;
      const rows = raster.layers.reduce((sum, layer) => sum + layer.spikes.length, 0);
      const height = rows * row + raster.layers.length * gap + 30;
      const image = element(place, "svg", { viewBox: `0 0 ${width} ${height}`, role: "img" });
      image.setAttribute("aria-label", "spikes of one sample by layer, neuron and time step");
      const step = (width - edge - 10) / raster.timeSteps;
      let top = 4;
      for (const layer of raster.layers) {
        const tall = layer.spikes.length * row;
        element(image, "text", { x: edge - 6, y: top + Math.max(tall / 2, 5) + 4, "text-anchor": "end" },
          layer.name);
        element(image, "line", { x1: edge, x2: width - 10, y1: top + tall + 4, y2: top + tall + 4, class: "grid" });
        let path = "";
        layer.spikes.forEach((steps, index) => {
          for (const t of steps) {
            path += `M${(edge + t * step).toFixed(1)} ${top + index * row}h${Math.max(step - 1, 1).toFixed(1)}v${row - 1}h${-Math.max(step - 1, 1).toFixed(1)}z`;
          }
        });
        if (path) element(image, "path", { d: path, class: "spike" });
        top += tall + gap;
      }
      element(image, "text", { x: (edge + width) / 2, y: height - 4, "text-anchor": "middle" },
        `time step, 1 to ${raster.timeSteps}`);
    }
    """#

  /// Asks for the numbers, and asks the training to pause, save and stop.
  static let page = #"""
    const at = id => document.getElementById(id);
    const set = (id, text) => { if (at(id).textContent !== text) at(id).textContent = text; };
    const fields = { "X-Counterspike-Token": token };
    let state = null, isOver = false, missed = 0;
    function clock(seconds) {
      const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
      return parts.map((part, place) => place ? String(part).padStart(2, "0") : part).join(":");
    }
    const last = (curves, name) => {
      const points = curves.find(curve => curve.name === name)?.points ?? [];
      return points.length ? points[points.length - 1][1] : null;
    };
    function show() {
      const s = state;
      document.title = `${s.name} – Counterspike`;
      set("name", s.name);
      set("network", `${s.network}, rule ${s.rule}`);
      set("folder", `run folder ${s.folder}`);
      set("phase", s.phase);
      at("phase").className = s.phase;
      set("place", `in epoch ${Math.min(s.epoch, s.epochs)} of ${s.epochs}, step ${s.step} of ${s.stepsPerEpoch}`);
      at("progress").value = s.phase === "finished" ? 1
        : (s.epoch - 1 + s.step / s.stepsPerEpoch) / s.epochs;
      const loss = last(s.loss, "training"), right = last(s.quality, "training");
      const isShare = s.measure === "accuracy";
      set("loss-now", loss === null ? "–" : short(loss));
      set("quality-now", right === null ? "–" : isShare ? `${(100 * right).toFixed(2)} %` : short(right));
      for (const name of document.querySelectorAll(".measure")) {
        const word = s.measure[0].toUpperCase() + s.measure.slice(1);
        if (name.textContent !== word) name.textContent = word;
      }
      set("left", isOver ? "–" : clock(s.secondsLeft));
      set("speed", s.samplesPerSecond.toLocaleString("en"));
      set("rate", short(s.learningRate));
      for (const id of ["pause", "save", "stop"]) at(id).disabled = isOver;
      set("pause", s.phase === "paused" ? "Resume" : "Pause");
      chart("loss", "loss", s.loss);
      chart("quality", s.measure, s.quality, isShare ? [0, 1] : undefined);
      chart("rates", "spikes a neuron and time step", s.rates);
      raster("raster", s.raster);
      set("sample", s.raster
        ? `${s.raster.label === null ? "" : `class ${s.raster.label}, `}after step ${s.raster.step}; up to 48 neurons a layer` : "none yet");
      at("notes").replaceChildren(...s.notes.slice().reverse().map(text => {
        const item = document.createElement("li");
        item.textContent = text;
        return item;
      }));
    }
    async function ask() {
      try {
        const answer = await fetch("state", { headers: fields, cache: "no-store" });
        if (!answer.ok) throw new Error(answer.status);
        state = await answer.json();
        missed = 0;
        isOver = ["finished", "stopped", "failed"].includes(state.phase);
        show();
      } catch {
        missed += 1;
        if (missed > 2) {
          isOver = true;
          set("phase", "the training no longer answers");
          at("phase").className = "lost";
          for (const id of ["pause", "save", "stop"]) at(id).disabled = true;
        }
      }
      if (!isOver) setTimeout(ask, document.hidden ? 4000 : 1000);
    }
    async function act(action) {
      try { await fetch(action, { method: "POST", headers: fields }); } catch { return; }
    }
    at("pause").addEventListener("click", () => act(state?.phase === "paused" ? "resume" : "pause"));
    at("save").addEventListener("click", () => act("save"));
    at("stop").addEventListener("click", () => {
      if (confirm("Stop the training and save it? It can go on later.")) act("stop");
    });
    addEventListener("resize", () => { if (state) show(); });
    ask();
    """#
}
