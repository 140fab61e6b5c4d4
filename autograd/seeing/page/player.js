"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const READ = 0.9, WIDE = 2; // pixels that a unit of the drawing has at first, where all of it would be too small
  const { nodes, steps, backward } = JSON.parse($("data").textContent);
  const root = document.documentElement;
  const graph = $("stage").querySelector("svg");
  const boxes = new Map(), edges = new Map();
  for (const part of graph.querySelectorAll("g.node, g.edge")) {
    (part.classList.contains("node") ? boxes : edges).set(part.id, part);
  }
  const incoming = new Map(nodes.map((node) => [node.id, []]));
  for (const [id, part] of edges) {
    const at = id.slice(1).split("_")[0];
    if (incoming.has(at)) incoming.get(at).push(part);
  }
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const reaching = new Map(nodes.map((node) => [node.id, []]));
  steps.forEach((step, i) => { if (step.arg) reaching.get(step.arg).push(i); });

  // A number that is not finite, as the box shows it at this step.
  const mark = (node) => {
    const bad = /nan|inf/.test(node.dataLine.textContent + node.gradLine.textContent);
    boxes.get(node.id).classList.toggle("broken", bad);
  };
  for (const node of nodes) {
    const box = boxes.get(node.id);
    const lines = [...box.querySelectorAll("text")];
    [node.gradLine, node.dataLine] = [lines[lines.length - 1], lines[lines.length - 2]];
    node.dataLine.textContent = "data ?";
    node.gradLine.textContent = "grad 0";
    if (!node.op) for (const line of incoming.get(node.id)) line.classList.add("done");
    mark(node);
  }
  for (const box of boxes.values()) if (!byId.has(box.id)) box.classList.add("done");

  let at = 0, timer = 0, chosen = nodes[nodes.length - 1].id;

  // One step done or undone: the only place that says what a step does to the picture.
  const change = (step, done) => {
    if (step.kind === "forward") {
      for (const node of step.nodes.map((id) => byId.get(id))) {
        boxes.get(node.id).classList.toggle("done", done);
        for (const edge of incoming.get(node.id)) edge.classList.toggle("done", done);
        node.dataLine.textContent = done ? `data ${node.data}` : "data ?";
        mark(node);
      }
      return;
    }
    const target = byId.get(step.arg || step.nodes[0]);
    target.gradLine.textContent = `grad ${done ? step.after : step.before || "0"}`;
    if (edges.has(step.edge)) edges.get(step.edge).classList.toggle("flowed", done);
    mark(target);
  };

  // The boxes of a step; where a neighbourhood is played, one may not be in the picture.
  const touched = (step) => [...step.nodes, step.arg].filter((id) => boxes.has(id));

  const highlight = (step, on) => {
    if (!step) return;
    for (const id of touched(step)) boxes.get(id).classList.toggle("now", on);
    if (step.kind === "forward") for (const id of step.nodes) for (const edge of incoming.get(id)) edge.classList.toggle("now", on);
    else byId.get(step.arg || step.nodes[0]).gradLine.classList.toggle("flash", on);
    if (edges.has(step.edge)) edges.get(step.edge).classList.toggle("now", on);
  };

  const go = (to) => {
    to = Math.max(0, Math.min(steps.length, to));
    highlight(steps[at - 1], false);
    while (at < to) change(steps[at++], true);
    while (at > to) change(steps[--at], false);
    const step = steps[at - 1];
    highlight(step, true);
    root.classList.toggle("backward", !!step && step.kind !== "forward");
    $("what").textContent = step ? step.what : "Before the first step.";
    $("why").textContent = step ? step.why : "Play, or press the right arrow.";
    $("step").value = at;
    $("step").setAttribute("aria-valuetext", `step ${at} of ${steps.length}`);
    $("count").textContent = `${at} of ${steps.length}`;
    for (const row of $("all").querySelectorAll("tr.now")) row.classList.remove("now");
    const row = at && $("all").querySelector(`tbody tr:nth-child(${at})`);
    if (row) row.classList.add("now");
    if (step && touched(step).length < 3) show(touched(step)); // not for all leaves at once
    remember();
    if (at === steps.length) pause();
    about();
  };

  // The address of a saved page names its step, once the steps rest: browsers allow few changes a second.
  const addressed = location.protocol !== "about:"; // not inside a notebook
  let soon = 0;
  const remember = () => {
    clearTimeout(soon);
    if (addressed) soon = setTimeout(() => history.replaceState(null, "", `#${at}`), 400);
  };
  const asked = () => (addressed && Number.parseInt(location.hash.slice(1), 10)) || 0;

  const pause = () => {
    clearInterval(timer);
    timer = 0;
    root.classList.remove("playing");
    $("play").setAttribute("aria-label", "Play");
    $("said").setAttribute("aria-live", "polite");
  };
  const play = () => {
    if (at === steps.length) go(0);
    $("said").setAttribute("aria-live", "off"); // a step a second is more than can be read out
    root.classList.add("playing");
    $("play").setAttribute("aria-label", "Pause");
    clearInterval(timer);
    timer = setInterval(() => go(at + 1), 1000 / Number($("speed").value));
  };
  const toggle = () => (timer ? pause() : play());
  const by = (count) => { pause(); go(at + count); };
  const to = (place) => { pause(); go(place); };

  const about = () => {
    const node = byId.get(chosen);
    const products = reaching.get(chosen), done = products.filter((i) => i < at).length;
    const known = boxes.get(chosen).classList.contains("done");
    const facts = [["is", node.made], ["data", known ? node.exact : "?"], ["grad now", node.gradLine.textContent.slice(5)],
      ["made of", products.length ? `${done} of ${products.length} products` : node.seed ? "the seed" : "no product"]];
    $("about").replaceChildren(...facts.map(([name, text]) => {
      const [pair, term, fact] = ["div", "dt", "dd"].map((tag) => document.createElement(tag));
      term.textContent = name;
      fact.textContent = text;
      pair.append(term, fact);
      return pair;
    }));
  };
  const choose = (id) => {
    if (!byId.has(id)) return;
    boxes.get(chosen).classList.remove("chosen");
    chosen = id;
    boxes.get(chosen).classList.add("chosen");
    $("which").value = id;
    show([id]);
    about();
  };

  // The view: the part of the drawing that is seen, x, y, width and height. It moves by a translation, since a new viewBox
  // would lay out every text anew; only zooming changes the viewBox.
  const stage = $("stage");
  const world = document.createElementNS(graph.namespaceURI, "g");
  world.append(...graph.childNodes);
  graph.append(world);
  const [x0, y0, w0, h0] = graph.getAttribute("viewBox").split(/\s+/).map(Number);
  const origin = world.querySelector("g.graph").transform.baseVal.consolidate().matrix; // of the boxes, in the drawing
  graph.removeAttribute("width");
  graph.removeAttribute("height");
  graph.setAttribute("preserveAspectRatio", "xMidYMid meet");
  let seen = [x0, y0, w0, h0], width = 0, height = 0;
  const look = (x, y, w, h) => {
    if (w !== seen[2] || h !== seen[3]) graph.setAttribute("viewBox", `0 0 ${w} ${h}`);
    seen = [x, y, w, h];
    world.setAttribute("transform", `translate(${-x} ${-y})`);
    stage.dataset.view = seen.join(" ");
  };
  graph.setAttribute("viewBox", `0 0 ${w0} ${h0}`);
  look(x0, y0, w0, h0);
  const scale = () => Math.min(width / seen[2], height / seen[3]); // pixels of a unit of the drawing

  // Where only a part is seen, the step's boxes are brought into it.
  const places = new Map();
  const place = (id) => {
    if (!places.has(id)) places.set(id, boxes.get(id).getBBox());
    return places.get(id);
  };
  const show = (ids) => {
    const areas = ids.filter((id) => boxes.has(id)).map(place);
    if (!width || !height || !areas.length) return;
    const [w, h] = [width / scale(), height / scale()];
    const [cx, cy] = [seen[0] + seen[2] / 2, seen[1] + seen[3] / 2];
    const left = Math.min(...areas.map((a) => a.x)) + origin.e, top = Math.min(...areas.map((a) => a.y)) + origin.f;
    const right = Math.max(...areas.map((a) => a.x + a.width)) + origin.e;
    const bottom = Math.max(...areas.map((a) => a.y + a.height)) + origin.f;
    if (left >= cx - w / 2 && right <= cx + w / 2 && top >= cy - h / 2 && bottom <= cy + h / 2) return;
    const k = Math.max(1, ((right - left) * 1.1) / w, ((bottom - top) * 1.1) / h);
    if (areas.length > 1 && scale() / k < READ * 0.8) return show(ids.slice(1)); // too far apart: the box that changes
    // In the middle, but not beyond the drawing's edge where it fills the stage.
    const within = (middle, extent, start, whole) =>
      extent >= whole ? start + whole / 2 : Math.max(start + extent / 2, Math.min(start + whole - extent / 2, middle));
    const [mx, my] = [within((left + right) / 2, w * k, x0, w0), within((top + bottom) / 2, h * k, y0, h0)];
    look(mx - (seen[2] * k) / 2, my - (seen[3] * k) / 2, seen[2] * k, seen[3] * k);
  };
  const zoom = (factor, px = 0.5, py = 0.5) => {
    const [x, y, w, h] = seen;
    const k = Math.max(0.02, Math.min(4, (w * factor) / w0)) * (w0 / w);
    look(x + w * px * (1 - k), y + h * py * (1 - k), w * k, h * k);
  };
  stage.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return; // a page around must scroll
    event.preventDefault();
    const area = stage.getBoundingClientRect();
    zoom(Math.exp(event.deltaY / 400), (event.clientX - area.left) / area.width, (event.clientY - area.top) / area.height);
  }, { passive: false });
  let drag = null;
  stage.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    drag = { x: event.clientX, y: event.clientY, seen, moved: false, box: event.target.closest("g.node") };
    stage.setPointerCapture(event.pointerId); // so that it ends, wherever the button is released
  });
  stage.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const dx = event.clientX - drag.x, dy = event.clientY - drag.y;
    drag.moved = drag.moved || Math.abs(dx) + Math.abs(dy) > 4;
    const [x, y, w, h] = drag.seen;
    if (drag.moved) look(x - dx / scale(), y - dy / scale(), w, h);
  });
  stage.addEventListener("pointerup", () => {
    if (drag && !drag.moved && drag.box) choose(drag.box.id);
    drag = null;
  });
  stage.addEventListener("pointercancel", () => { drag = null; });

  for (const [id, action] of Object.entries({
    start: () => to(0), back: () => by(-1), play: toggle, next: () => by(1), end: () => to(steps.length),
    backward: () => to(backward), in: () => zoom(0.7), out: () => zoom(1 / 0.7), fit: () => look(x0, y0, w0, h0),
  })) $(id).addEventListener("click", action);
  $("step").max = steps.length;
  $("step").addEventListener("input", () => to(Number($("step").value)));
  $("speed").addEventListener("change", () => { if (timer) play(); });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(SELECT|INPUT)$/.test(event.target.tagName)) return;
    if (/^Arrow(Up|Down)$/.test(event.key) && event.target.closest("details")) return; // they scroll the table
    if (event.key === " " && /^(BUTTON|SUMMARY)$/.test(event.target.tagName)) return;
    const action = { ArrowRight: () => by(1), ArrowLeft: () => by(-1), ArrowDown: () => by(1), ArrowUp: () => by(-1),
      Home: () => to(0), End: () => to(steps.length), " ": toggle }[event.key];
    if (action) { event.preventDefault(); action(); }
  });
  for (const node of nodes) {
    const option = document.createElement("option");
    option.value = node.id;
    option.textContent = node.name;
    $("which").append(option);
  }
  $("which").addEventListener("change", () => choose($("which").value));
  $("all").addEventListener("toggle", () => {
    const body = $("all").querySelector("tbody");
    if (body.childElementCount) return;
    steps.forEach((step, i) => {
      const row = document.createElement("tr"), jump = document.createElement("button");
      jump.type = "button";
      jump.textContent = i + 1;
      jump.setAttribute("aria-label", `Go to step ${i + 1}`);
      jump.addEventListener("click", () => to(i + 1));
      for (const content of [jump, step.kind === "forward" ? "forward" : "backward", step.what, step.why]) {
        const cell = document.createElement("td");
        cell.append(content);
        row.append(cell);
      }
      body.append(row);
    });
    go(at);
  });
  addEventListener("hashchange", () => to(asked()));
  go(asked());
  choose(chosen);
  // A large graph starts at a size that can be read, at its first step; in a notebook there is no size at first.
  let begun = false;
  new ResizeObserver(() => {
    [width, height] = [stage.clientWidth, stage.clientHeight];
    if (begun || !width || !height) return;
    begun = true;
    const across = width / w0; // the scale at which it fills the width
    const best = across < 0.75 ? READ : Math.min(across, WIDE);
    if (scale() < best) {
      look(x0 - Math.max(0, width / best - w0) / 2, y0, width / best, height / best);
      show(touched(steps[at ? at - 1 : 0]).slice(0, 2));
    }
  }).observe(stage);
})();
