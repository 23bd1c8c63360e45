import './style/tokens.css'
import './style/frame.css'
import './style/figure.css'
import './style/table.css'
import './style/drawer.css'
import './style/live.css'
import './style/lineage.css'
import { followServer } from './live.ts'
import { followLinks } from './route.ts'
import { Shell } from './shell.tsx'
import { render } from './view.ts'

followLinks()
followServer()
const place = document.getElementById('app')
if (place !== null) render(<Shell />, place)
