package studio

import (
	"io/fs"
	"net/http"
	"strconv"

	"oneiro/internal/disk"
)

// routes returns the handlers; the package comment lists them.
func (s *Server) routes() http.Handler {
	m := http.NewServeMux()
	for pattern, h := range map[string]handler{
		"GET /{$}":                       s.getPage,
		"GET /api/about":                 s.getAbout,
		"PUT /api/uploads":               s.putUpload,
		"GET /api/files":                 s.getFiles,
		"GET /files/{file...}":           s.getFile,
		"GET /thumb/{file...}":           s.getThumb,
		"POST /api/jobs":                 s.postJob,
		"GET /api/jobs":                  s.getJobs,
		"GET /api/jobs/{id}":             s.getJob,
		"PATCH /api/jobs/{id}":           s.patchJob,
		"DELETE /api/jobs/{id}":          s.deleteJob,
		"POST /api/jobs/{id}/{do}":       s.postJobDo,
		"GET /api/jobs/{id}/preview.jpg": s.getPreview,
		"GET /api/events":                s.getEvents,
		"GET /api/gallery":               s.getGallery,
		"GET /api/recipe":                s.getRecipe,
		"POST /api/check":                s.postCheck,
		"POST /api/vary":                 s.postVary,
		"POST /api/larger":               s.postLarger,
		"POST /api/regions":              s.postRegions,
		"POST /api/recolor":              s.postRecolor,
		"POST /api/score":                s.postScore,
		"POST /api/trash":                s.postTrash,
		"POST /api/trash/undo":           s.postUndo,
		"GET /api/atlas":                 s.getAtlas,
		"POST /api/atlas":                s.postAtlas,
		"GET /api/layers":                s.getLayers,
		"GET /api/classes":               s.getClasses,
		"GET /api/bookmarks":             s.getBookmarks,
	} {
		m.Handle(pattern, h)
	}
	m.Handle("GET /web/", s.assets())
	return m
}

// assets serves the files of the page. Folders are not listed.
func (s *Server) assets() http.Handler {
	files := http.FileServerFS(web)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.URL.Path[1:]
		if info, err := fs.Stat(web, name); !fs.ValidPath(name) || err != nil || info.IsDir() {
			fail(w, absent("there is no "+quoted(r.URL.Path)))
			return
		}
		files.ServeHTTP(w, r)
	})
}

func (s *Server) getPage(w http.ResponseWriter, r *http.Request) (any, error) {
	page, err := web.ReadFile("web/index.html")
	if err != nil {
		return nil, err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(page)
	return nil, nil
}

func (s *Server) postJob(w http.ResponseWriter, r *http.Request) (any, error) {
	var spec Spec
	if err := read(w, r, &spec); err != nil {
		return nil, err
	}
	return s.enqueue(spec)
}

func (s *Server) getJobs(http.ResponseWriter, *http.Request) (any, error) {
	answer := map[string]any{"jobs": s.queue.all()}
	if free, err := disk.Free(s.dir); err == nil {
		answer["free"] = free
	}
	return answer, nil
}

// jobID returns the job that a path names.
func jobID(r *http.Request) (int, error) {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil {
		return 0, absent("there is no job " + quoted(r.PathValue("id")))
	}
	return id, nil
}

func (s *Server) getJob(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := jobID(r)
	if err != nil {
		return nil, err
	}
	return s.queue.get(id)
}

func (s *Server) deleteJob(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := jobID(r)
	if err != nil {
		return nil, err
	}
	return s.queue.remove(id)
}

func (s *Server) patchJob(w http.ResponseWriter, r *http.Request) (any, error) {
	id, err := jobID(r)
	if err != nil {
		return nil, err
	}
	var to struct{ After *int }
	if err := read(w, r, &to); err != nil {
		return nil, err
	}
	after := 0
	if to.After != nil {
		after = *to.After
	}
	return s.queue.place(id, after)
}

// postJobDo does something with a job.
func (s *Server) postJobDo(w http.ResponseWriter, r *http.Request) (any, error) {
	id, err := jobID(r)
	if err != nil {
		return nil, err
	}
	switch do := r.PathValue("do"); do {
	case "stop":
		return s.queue.halt(id)
	case "cancel":
		return s.queue.cancel(id)
	case "resume":
		return s.queue.resume(id)
	case "top":
		return s.queue.place(id, 0)
	case "duplicate":
		j, err := s.queue.get(id)
		if err != nil {
			return nil, err
		}
		return s.enqueue(j.Spec)
	default:
		return nil, absent("a job cannot " + quoted(do))
	}
}

func (s *Server) getPreview(w http.ResponseWriter, r *http.Request) (any, error) {
	id, err := jobID(r)
	if err != nil {
		return nil, err
	}
	f, err := s.root.Open(previewPath(id))
	if err != nil {
		return nil, absent("there is no picture of the job yet")
	}
	defer f.Close()
	return nil, send(w, r, f, "image/jpeg")
}
