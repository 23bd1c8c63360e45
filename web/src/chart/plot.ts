// The one door to the charting library.
export {
  axisX,
  axisY,
  dot,
  gridX,
  gridY,
  line,
  link,
  plot,
  pointer,
  rect,
  rectY,
  ruleX,
  ruleY,
  text,
  tickX,
  tip,
} from '@observablehq/plot'
