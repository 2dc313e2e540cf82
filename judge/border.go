package judge

import (
	"math"

	"oneiro/internal/imageio"
)

// borderOf returns how much the edge of a picture stands out from what is beside it, in dB. The picture
// is cut into squares. The energy of the step from the outermost row of them to the second, on all sides,
// is compared with that of such steps further inside; and so is the energy of the steps along the
// outermost row, of which there may be too much (ticks) or too little (a frame of gray). Of squares of 2,
// 4, 8 and 16 pixels those count that stand out most. NaN is for pictures that are too small.
func borderOf(im *imageio.Image) float64 {
	worst := math.Inf(-1)
	lab := oklab(im)
	for side := 2; side <= 16 && min(im.W, im.H) >= 20*side; side *= 2 {
		var across, along [6]float64 // sums of squares: from a row to the next, and in a row
		for turn := range 4 {        // each side as the top
			cells, w, _ := squares(lab, im.W, im.H, side, turn, len(across)+1)
			for y := range across {
				for x := range w {
					for _, plane := range cells {
						v := plane[y*w+x]
						down := plane[(y+1)*w+x] - v
						across[y] += down * down
						if x+1 < w {
							next := plane[y*w+x+1] - v
							along[y] += next * next
						}
					}
				}
			}
		}
		worst = math.Max(worst, math.Max(decibels(across), math.Abs(decibels(along))))
	}
	if math.IsInf(worst, -1) {
		return math.NaN()
	}
	return worst
}

// decibels compares the energy of the outermost row with the mean of those from the third on.
func decibels(rows [6]float64) float64 {
	const rounding = 1e-7
	var inside float64
	for _, v := range rows[2:] {
		inside += v / float64(len(rows)-2)
	}
	return 10 * math.Log10((rows[0]+rounding)/(inside+rounding))
}

// squares returns the mean colours of squares, rows of w, counted from the top left corner of the picture
// after so many quarter turns: no more than most rows.
func squares(lab [3][]float64, w, h, side, turn, most int) (cells [3][]float64, across, down int) {
	tw, th := w, h
	if turn%2 == 1 {
		tw, th = h, w
	}
	across, down = tw/side, min(th/side, most)
	for k := range cells {
		cells[k] = make([]float64, across*down)
		for y := range down * side {
			for x := range across * side {
				var px, py int
				switch turn {
				case 0:
					px, py = x, y
				case 1:
					px, py = y, x
				case 2:
					px, py = x, h-1-y
				default:
					px, py = w-1-y, x
				}
				cells[k][y/side*across+x/side] += lab[k][py*w+px] / float64(side*side)
			}
		}
	}
	return cells, across, down
}
