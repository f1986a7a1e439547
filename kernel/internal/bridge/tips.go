package bridge

import "context"

// tips answers what an editor asks for while somebody types.
type tips struct{ k *Kernel }

func (t *tips) start(k *Kernel) { t.k = k }
func (t *tips) close()          {}

type codeAt struct {
	Code   string `json:"code"`
	Cursor int    `json:"cursor_pos"`
	Detail int    `json:"detail_level"`
}

func (k *Kernel) complete(r request) {
	c, err := content[codeAt](r)
	if err != nil {
		k.bad(r, err)
		return
	}
	k.reply(r, "complete_reply", map[string]any{"status": "ok", "matches": []string{}, "cursor_start": c.Cursor, "cursor_end": c.Cursor,
		"metadata": struct{}{}})
}

func (k *Kernel) inspect(r request) {
	if _, err := content[codeAt](r); err != nil {
		k.bad(r, err)
		return
	}
	k.reply(r, "inspect_reply", map[string]any{"status": "ok", "found": false, "data": struct{}{}, "metadata": struct{}{}})
}

// explain gives what is known of a name, for the pager.
func (k *Kernel) explain(ctx context.Context, name string) map[string]any { return nil }
