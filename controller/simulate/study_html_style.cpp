#include "controller/simulate/study_html_style.hpp"

#include <array>

namespace evenkeel {
namespace {

// All dark enough for text on white.
constexpr std::array<std::string_view, 8> kColours = {"#0b5cad", "#c2410c", "#0f766e", "#8b1fa9",
                                                      "#4d7c0f", "#475569", "#c0125f", "#8a6100"};
constexpr std::array<std::string_view, 4> kDashes = {"none", "7 3", "2 2.5", "9 3 2 3"};

}  // namespace

const std::string_view kReportCss = R"css(
body { margin: 0 auto; max-width: 1180px; padding: 12px 24px 48px; background: #fff; color: #1a1f26;
  font: 15px/1.45 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
h1 { font-size: 26px; margin: 12px 0 4px; }
h2 { font-size: 20px; margin: 0 0 2px; }
h3 { font-size: 15px; margin: 18px 0 4px; }
p { margin: 2px 0 6px; }
.facts, .legend { color: #4b5563; font-size: 13px; }
.missing { border-left: 4px solid #b45309; background: #fef6e7; padding: 4px 10px; }
section { border-top: 1px solid #cbd2da; margin-top: 28px; padding-top: 18px; }
.policies { display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 8px 0 10px; font-size: 13px; }
.policies label { display: inline-flex; align-items: center; gap: 5px; color: var(--colour);
  font-weight: 600; cursor: pointer; }
.policies label.off { color: #6b7280; font-weight: 400; }
.policies svg { width: 30px; height: 8px; }
svg { display: block; width: 100%; height: auto; }
svg text { font: 10.5px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: #374151; }
text.title { font-size: 12px; font-weight: 600; fill: #1a1f26; }
text.value, text.to-left { text-anchor: end; }
text.time { text-anchor: middle; }
.grid { stroke: #e3e7ec; stroke-width: 1; }
.warmup { fill: #f1f3f6; }
.during { fill: #b45309; fill-opacity: .08; }
line.event { stroke: #b45309; stroke-width: 1; stroke-dasharray: 3 2; }
text.event { fill: #92400e; font-weight: 600; }
path { fill: none; stroke-linecap: round; stroke-linejoin: round; }
path.load { stroke: #1a1f26; stroke-width: 1.4; }
path.needed { fill: #d5dae1; stroke: none; }
line.objective { stroke: #b91c1c; stroke-width: 1.3; }
text.objective { fill: #b91c1c; font-weight: 600; text-anchor: end; paint-order: stroke;
  stroke: #fff; stroke-width: 3px; }
.key, .curve path { stroke: var(--colour); stroke-dasharray: var(--dashes); stroke-width: 1.7;
  stroke-linecap: butt; }
.curve.limit path { stroke-width: 1.1; }
.curve text { fill: var(--colour); font-weight: 600; }
.curve.off { display: none; }
path.front { stroke: #1a1f26; stroke-width: 1; stroke-dasharray: 5 3; stroke-linecap: butt; }
.interval { stroke: var(--colour); stroke-width: 1; stroke-opacity: .5; }
circle, rect.limit { stroke: var(--colour); stroke-width: 1.7; fill: #fff; }
circle.on-front { fill: var(--colour); }
text.name { fill: var(--colour); paint-order: stroke; stroke: #fff; stroke-width: 3px; }
text.on-front { font-weight: 700; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 12px; font-variant-numeric: tabular-nums;
  width: 100%; }
th, td { padding: 3px 5px; text-align: right; border-bottom: 1px solid #e3e7ec; white-space: nowrap; }
thead th { white-space: normal; vertical-align: bottom; border-bottom: 1px solid #6b7280; }
tbody th, thead th:first-child { text-align: left; }
tbody th { color: var(--colour); }
.overview th { color: var(--colour, inherit); }
td.front { font-weight: 700; }
td.better { color: #0b5cad; font-weight: 600; }
td.worse { color: #b91c1c; font-weight: 600; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; font-size: 13px; }
dt { font-weight: 600; }
dd { margin: 0; }
@page { size: A4; margin: 11mm; }
@media print {
  body { max-width: none; padding: 0; color: #000; font-size: 9.5pt;
    print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .facts, .legend, svg text { color: #000; }
  section { border: 0; margin: 0; padding: 0; }
  section + section { break-before: page; }
  svg.panels, svg.pareto { width: 84%; }
  .facts, .legend { font-size: 8pt; }
  h1 { font-size: 15pt; margin: 0; }
  h2 { font-size: 13pt; }
  h3 { font-size: 10pt; margin: 8px 0 2px; }
  svg, tr, .policies { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .policies input, .policies label.off { display: none; }
  .wide { overflow: visible; }
  table { font-size: 6.6pt; }
  th, td { padding: 1.5px 3px; }
}
)css";

const std::string_view kReportScript = R"js(
const all = (query, root = document) => [...root.querySelectorAll(query)];
const spread = () => all('g.panel').forEach(panel => {
  const names = all('g.curve:not(.off) text', panel);
  const y = name => Number(name.getAttribute('y'));
  names.forEach(name => name.setAttribute('y', name.dataset.y));
  names.sort((one, other) => y(one) - y(other));
  let least = 0;
  names.forEach(name => { name.setAttribute('y', Math.max(y(name), least)); least = y(name) + 11; });
  let most = Number(panel.dataset.bottom);
  names.reverse().forEach(name => { name.setAttribute('y', Math.min(y(name), most)); most = y(name) - 11; });
});
all('input[data-p]').forEach(box => box.addEventListener('change', () => {
  all('[data-p="' + box.dataset.p + '"]').forEach(one => {
    one.classList.toggle('off', !box.checked);
    one.checked = box.checked;
  });
  spread();
}));
spread();
)js";

std::string PolicyCss(std::size_t policies) {
  std::string css;
  for (std::size_t i = 0; i < policies; ++i) {
    const std::string_view dashes = kDashes[(i + i / 4 + i / 16) % kDashes.size()];
    css += ".p" + std::to_string(i) + " { --colour: " + std::string(kColours[i % kColours.size()]) +
           "; --dashes: " + std::string(dashes) + "; }\n";
  }
  return css;
}

}  // namespace evenkeel
