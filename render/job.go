package render

import (
	"context"
	"math"
	"runtime/debug"
	"slices"
	"time"

	"oneiro/autodiff/optim"
	"oneiro/nn"
)

// Job is a spec with a network and its parameters, checked and ready to be planned and run.
//
// Each stage is built and compiled once for an engine: what Plans made is what Run runs. A Job is used by one
// goroutine at a time.
type Job struct {
	spec   Spec
	net    *nn.Network
	model  *nn.Model
	params nn.Params
	sizes  []Size

	readings []Reading   // of the spec
	reads    []Reading   // of deferred pictures
	read     bool        // and the parameters are, too
	from     *Checkpoint // where the next run begins, if not at the start

	engine   *Engine    // that problems and plans are for
	memory   int64      // Engine.Memory at that time
	folder   string     // Engine.Scratch, too
	tile     TileSize   // and Engine.Tile
	tiles    TileSize   // how pictures are computed on tiles: tile, or what Plans chose for TileAuto
	onDisk   bool       // the optimiser of the stage that is being planned keeps its state in a file
	filed    bool       // pictures are kept there, too
	problems []*problem // of each stage; nil before it is built and after it has run
	plans    []SizePlan
}

// New checks a spec against a network. Nothing is read before Read or Run: neither deferred pictures nor the
// parameters of the layers that the job needs. The errors are those of spec.Check and of Network.Cut.
func New(spec Spec, net *nn.Network, params nn.Params) (*Job, error) {
	if err := spec.Check(net); err != nil {
		return nil, err
	}
	model, err := abstract(net, spec.Objective.Layers(net))
	if err != nil {
		return nil, err
	}
	j := &Job{
		spec: spec, net: net, model: model, params: params, sizes: spec.Schedule.Sizes(fits(model.Network)),
	}
	if spec.Readings != nil {
		j.readings = spec.Readings(j.sizes)
		j.reads = deferred(j.readings)
	}
	return j, nil
}

// abstract returns the part of a network that layers need, or nothing of it, without parameters.
func abstract(net *nn.Network, layers []string) (*nn.Model, error) {
	if len(layers) == 0 {
		return &nn.Model{Network: &nn.Network{Name: net.Name, Input: net.Input}}, nil
	}
	cut, err := net.Cut(layers...)
	if err != nil {
		return nil, err
	}
	return nn.Abstract(cut)
}

// Iterations returns how many steps stage i takes at most.
func (j *Job) Iterations(i int) int {
	if j.spec.Steps == nil {
		return j.spec.Iterations
	}
	return j.spec.Steps(i, len(j.sizes))
}

// Steps returns how many steps a run takes at most.
func (j *Job) Steps() int {
	sum := 0
	for i := range j.sizes {
		sum += j.Iterations(i)
	}
	return sum
}

// Notes says what should be known before the run, in sentences.
func (j *Job) Notes() []string {
	if j.spec.Notes == nil {
		return nil
	}
	return j.spec.Notes(j.net, j.sizes)
}

// stage describes stage i.
func (j *Job) stage(i int) Stage {
	return Stage{Index: i, Size: j.sizes[i], Network: j.net, Model: j.model, Range: j.spec.Canvas.Range(j.net)}
}

// Plans returns what each stage needs on an engine, in the order of the schedule. It computes nothing.
func (j *Job) Plans(e *Engine) []SizePlan {
	if j.engine == e && j.memory == e.Memory && j.folder == e.Scratch && j.tile == e.Tile {
		return j.plans
	}
	n := len(j.sizes)
	j.engine, j.memory, j.folder, j.tile = e, e.Memory, e.Scratch, e.Tile
	j.problems, j.plans = make([]*problem, n), make([]SizePlan, n)
	all := func(int) bool { return true }
	j.tiles, j.filed = j.tile, false
	j.planStages(all)
	if e.Scratch != "" && e.GPUMemory == 0 && fit(j.plans, e) != nil {
		j.filed = true
		j.planStages(all)
	}
	if size := j.Tile(); j.tile == TileAuto && size != 0 {
		j.tiles = size
		j.planStages(func(i int) bool { // those that got other tiles, or none though they are larger
			return j.plans[i].Tiles.Size != size && j.sizes[i].longer() > int(size)
		})
	}
	j.tryScratch()
	return j.plans
}

// planStages plans the stages that are wanted.
func (j *Job) planStages(wanted func(stage int) bool) {
	for i := range j.sizes {
		if !wanted(i) {
			continue
		}
		if like := j.spec.Objective.Like(j.net, i); like != i {
			j.plans[i] = j.plans[like]
			continue
		}
		j.problems[i], j.plans[i] = j.fitted(i)
	}
}

// Tile returns the size of the tiles that pictures are computed on, as far as Plans has found, or 0 if all
// are computed at once. Where one stage needs tiles, every stage that is larger than them has the same, so
// that this one number says how everything is rounded: with it as Engine.Tile the result has the same bits.
func (j *Job) Tile() TileSize {
	var least TileSize
	for i := range j.plans {
		if size := j.plans[i].Tiles.Size; size > 0 && (least == 0 || size < least) {
			least = size
		}
	}
	return least
}

// take returns the problem of a stage, which is the caller's from then on.
func (j *Job) take(i int) *problem {
	p := j.problems[i]
	if p == nil {
		p, _ = j.fitted(i)
	}
	j.problems[i] = nil
	return p
}

// Events says what Run reports, and to whom.
type Events struct {
	// Every is the number of steps from one step event to the next, PictureEvery from one picture event to the
	// next; 0 for none.
	Every, PictureEvery int
	// Look is asked after each step whether somebody wants to see the picture so far now; nil is for never.
	Look func() bool
	// On is called with every event, on the goroutine of the run.
	On func(Event)
	// Checkpoints are states of the run that are handed out.
	Checkpoints Checkpoints
}

// Run runs the job. If ctx is cancelled, the device fails or the loss diverges, it returns the picture so far,
// if there is one, together with ctx's error, a *DeviceError or an *optim.NonFiniteError. Before anything is
// computed, the error is one of Read, or of the checkpoint that the run begins from (Resume).
func (j *Job) Run(ctx context.Context, e *Engine, events Events) (*Result, error) {
	if err := j.Read(e); err != nil {
		return nil, err
	}
	j.read = len(j.reads) == 0 // pictures are given up on the way
	r := newRun(ctx, j, e, events)
	first, err := r.resume()
	if err != nil {
		return nil, err
	}
	defer r.closeMaps()
	defer e.limitHeap(0)()
	var x []float32
	for i := first; i < len(j.sizes); i++ {
		s := j.stage(i)
		if r.from != nil {
			s.room = r.room
			x = r.canvas
			r.begin(s, x, r.from.place.First)
		} else {
			x = r.enter(i, x)
			s.room = r.room
			x = r.room.own(j.spec.Schedule.Start(s, x, r.stage.Size, r.random))
			r.begin(s, x, r.step)
		}
		done, err := r.runStage(x)
		if short := r.cutShort(err); short != nil {
			return r.soFar(x, short), short
		}
		if err != nil {
			return nil, err
		}
		if done != nil {
			r.result.add(done)
		}
	}
	return &r.result, nil
}

// enter opens the room of a stage, and returns the canvas x of the one before, which may have to move. What
// targets read of that is carried on.
func (r *run) enter(stage int, x []float32) []float32 {
	if r.room.isFile() && x != nil { // whose place is taken
		moved := make([]float32, len(x))
		r.room.copy(moved, x)
		x = moved
	}
	r.room, r.backend = r.engine.openRoom(&r.job.plans[stage])
	r.carried = carried{}
	if x != nil && r.spec.carries(stage) {
		pixels := r.pixels(x)
		if len(r.maps) > 0 { // whose memory it is
			pixels = slices.Clone(pixels)
		}
		r.carried = carried{r.beside().own(pixels), r.stage.Size}
	}
	return x
}

// beside returns where what is carried on lies: with the state of the optimiser.
func (r *run) beside() room {
	if r.backend == nil {
		return room{}
	}
	return room{r.engine.scratch, r.backend}
}

// runStage runs one stage on x. Only a stage whose picture is a result returns one. What it takes from the
// device it gives back.
func (r *run) runStage(x []float32) (_ *Result, err error) {
	p, plan := r.job.take(r.stage.Index), &r.job.plans[r.stage.Index]
	defer p.terms.drop()
	defer r.engine.limitHeap(plan.targetsMapped())()
	p.room = r.room
	if t, ok := p.evaluator.(*tiles); ok {
		p.terms.rooms = t.enter(r.room)
	}
	if p.terms.before != nil {
		*p.terms.before = r.carried
	}
	if err := r.openMaps(p); err != nil {
		return nil, err
	}
	if m := p.terms.matcher; m != nil {
		m.begin(r.engine, r.pixels(x), r.found)
		r.matcher, r.found = m, nil
	}
	if err := p.terms.fill(r.ctx, r.engine.Device); err != nil {
		r.saveCut(err)
		return nil, err
	}
	r.job.drop(r.stage.Index)
	r.engine.limitHeap(plan.mapped())
	debug.FreeOSMemory() // what reading and targets left, before the largest allocations
	maps := slices.Concat(r.maps, p.view.Maps())
	if err := p.load(r.ctx, r.engine.Device, maps); err != nil {
		r.saveCut(err)
		return nil, err
	}
	if r.matcher != nil {
		r.matcher.restore(p)
	}
	defer func() {
		if failed := p.close(); err == nil { // also what Read could not report
			err = deviceError(r.ctx, failed)
		}
	}()
	_, atOnce := p.evaluator.(*whole)
	backend, done := r.engine.vectors(len(maps) == 0 && atOnce)
	defer done()
	if r.backend != nil {
		backend = r.backend
	}
	if r.spec.Learns == nil || !r.spec.Learns(r.stage.Index) {
		p.shaper = r.spec.Shaping.shaper(r.stage.Size, backend, r.room)
	}
	result, err := r.optimise(p, x, r.spec.Optimizer(r.stage).New(len(x), backend), backend)
	r.saveCut(err)
	return result, err
}

// optimise takes the steps of a stage on x, and returns its picture if that is a result.
func (r *run) optimise(p *problem, x []float32, o optim.Optimizer, backend optim.Backend) (*Result, error) {
	if err := r.minimise(p, x, o, backend); err != nil {
		return nil, err
	}
	result := r.spec.Schedule.Result(r.stage)
	learns := r.spec.Learns != nil && r.spec.Learns(r.stage.Index)
	if !result && !learns && !r.spec.KeepBest {
		return nil, nil
	}
	if result && r.spec.Unreported && !r.spec.KeepBest {
		return &Result{Picture: r.picture(x), Steps: r.step, Elapsed: time.Since(r.started)}, nil
	}
	total, err := r.settle(p, x)
	if learns && err == nil {
		r.emit(Event{Kind: EventLearnt, Loss: total, PSNR: psnr(total)})
	}
	if err != nil || !result {
		return nil, err
	}
	if r.spec.Unreported {
		return &Result{Picture: r.picture(x), Steps: r.step, Loss: total, Elapsed: time.Since(r.started)}, nil
	}
	terms, err := p.report(r.ctx, r.pixels(x))
	if err != nil {
		return nil, err
	}
	return &Result{Picture: r.picture(x), Steps: r.step, Loss: total, Report: terms, Canvas: r.savedCanvas(x),
		Elapsed: time.Since(r.started)}, nil
}

// settle evaluates the canvas that the last step of a stage led to, and returns its loss. With KeepBest it
// puts the best canvas of the stage in x if that has a lower loss.
func (r *run) settle(p *problem, x []float32) (float64, error) {
	p.rest()
	total, err := p.total(r.ctx, r.pixels(x))
	if err == nil && r.spec.KeepBest && !(total <= r.progress.bestLoss) {
		r.room.copy(x, r.progress.bestCanvas)
		total, err = p.total(r.ctx, r.pixels(x))
	}
	if err == nil && (math.IsNaN(total) || math.IsInf(total, 0)) { // the last step diverged
		err = &optim.NonFiniteError{What: "loss", Index: -1, Value: total, Loss: total}
	}
	return total, err
}
