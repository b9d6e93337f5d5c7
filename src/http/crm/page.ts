/** Pages of lists, and the two refusals of every resource with an owner. */
import { canSee, type OwnerScope } from '#domain/user.ts';
import { Problem } from '#http/problem.ts';

/** The totals of a page as they are shown; there is a page for every begun `per_page`. */
export const pageTotals = (asked: { page: number; per_page: number }, total: number) => ({
  total,
  page: asked.page,
  per_page: asked.per_page,
  total_pages: Math.ceil(total / asked.per_page),
});

export const notFound = (name: string) => new Problem(404, `${name.toLowerCase()}_not_found`, `${name} not found`);

/** The row, if there is one (else 404) and the viewer may see it (else 403). `name` is that of its kind. */
export const visible = <Row extends { ownerId: number }>(row: Row | null, scope: OwnerScope, name: string): Row => {
  if (row === null) throw notFound(name);
  if (!canSee(scope, row.ownerId)) {
    throw new Problem(403, 'not_yours', `This ${name.toLowerCase()} belongs to somebody else`);
  }
  return row;
};
