(function () {
  "use strict";
  var root = document.documentElement;
  // theme: system → light → dark → system; not stored, the file may be opened from anywhere
  var themes = ["", "light", "dark"], theme = document.getElementById("theme"), at = 0;
  theme.addEventListener("click", function () {
    at = (at + 1) % 3;
    if (themes[at]) root.dataset.theme = themes[at]; else delete root.dataset.theme;
    theme.textContent = theme.dataset["t" + at];
  });
  // a value that is not known comes last
  function number(cell) { return cell.dataset.v === "" ? -Infinity : Number(cell.dataset.v); }
  // sorting: a button in each head cell; data-v carries the raw number
  document.querySelectorAll("table.sort th[aria-sort] button").forEach(function (b) {
    b.addEventListener("click", function () {
      var th = b.parentNode, i = th.cellIndex, body = th.closest("table").tBodies[0];
      var up = th.getAttribute("aria-sort") === "descending" ? 1 : -1;
      th.parentNode.querySelectorAll("th[aria-sort]").forEach(function (o) { o.setAttribute("aria-sort", "none"); });
      th.setAttribute("aria-sort", up > 0 ? "ascending" : "descending");
      Array.from(body.rows).sort(function (x, y) {
        var a = x.cells[i], c = y.cells[i];
        return up * (a.dataset.v !== undefined ? number(a) - number(c) : a.textContent.localeCompare(c.textContent, root.lang));
      }).forEach(function (r) { body.appendChild(r); });
    });
  });
  // filter
  document.querySelectorAll("input[data-for]").forEach(function (f) {
    var out = document.getElementById(f.dataset.for + "-n");
    f.addEventListener("input", function () {
      var n = 0, q = f.value.toLowerCase();
      document.getElementById(f.dataset.for).querySelectorAll("tbody tr").forEach(function (r) {
        r.hidden = r.textContent.toLowerCase().indexOf(q) < 0; n += !r.hidden;
      });
      out.textContent = q ? n : "";
    });
  });
  // CSV of the table in the same figure; raw numbers, a quote before what a spreadsheet would run
  document.querySelectorAll("button[data-csv]").forEach(function (b) {
    b.addEventListener("click", function () {
      var rows = Array.from(document.getElementById(b.dataset.csv).rows).map(function (r) {
        return Array.from(r.cells).map(function (c) {
          var v = c.dataset.v !== undefined ? c.dataset.v : c.textContent.trim();
          if (c.dataset.v === undefined && /^[=+\-@\t\r]/.test(v)) v = "'" + v;
          return '"' + v.replace(/"/g, '""') + '"';
        }).join(",");
      });
      var a = document.createElement("a");
      a.href = URL.createObjectURL(new Blob(["\ufeff" + rows.join("\r\n")], { type: "text/csv" }));
      a.download = b.dataset.csv.replace(/^t-/, "") + ".csv"; a.click(); URL.revokeObjectURL(a.href);
    });
  });
})();
