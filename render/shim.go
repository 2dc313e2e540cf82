package render

import (
	"context"

	"oneiro/nn"
)

type Spec struct {
	s *StyleOptions
	d *DreamOptions
	v *VisOptions
}

func StyleSpec(o StyleOptions) Spec { return Spec{s: &o} }
func DreamSpec(o DreamOptions) Spec { return Spec{d: &o} }
func VisSpec(o VisOptions) Spec     { return Spec{v: &o} }

type Job struct {
	Spec
	c *Common
}

type Events struct {
	Every, PictureEvery int
	On                  func(Event)
}

func New(s Spec, net *nn.Network, params nn.Params) (*Job, error) {
	j := &Job{Spec: s}
	var err error
	switch {
	case s.s != nil:
		j.c = &s.s.Common
		j.c.Network = net
		err = s.s.Validate()
	case s.d != nil:
		j.c = &s.d.Common
		j.c.Network = net
		err = s.d.Validate()
	default:
		j.c = &s.v.Common
		j.c.Network = net
		err = s.v.Validate()
	}
	j.c.Params = params
	return j, err
}

func (j *Job) Plans(e *Engine) ([]SizePlan, error) {
	switch {
	case j.s != nil:
		return j.s.Plan(e)
	case j.d != nil:
		return j.d.Plan(e)
	}
	return j.v.Plan(e)
}

func (j *Job) Run(ctx context.Context, e *Engine, ev Events) (*Result, error) {
	j.c.Engine, j.c.EventEvery, j.c.PictureEvery, j.c.OnEvent = e, ev.Every, ev.PictureEvery, ev.On
	switch {
	case j.s != nil:
		return Style(ctx, *j.s)
	case j.d != nil:
		return Dream(ctx, *j.d)
	}
	pictures, r, err := Vis(ctx, *j.v)
	if r != nil {
		r.Pictures = pictures
	}
	return r, err
}

func (j *Job) Iterations() int { return j.c.Iterations }
