"""What authors keep of what was found, and who helps with accessibility"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
HELP, HELPERS = "accessibility.help", ("moderator", "admin")


def upgrade() -> None:
    with op.batch_alter_table("post_findings", copy_from=_findings()) as batch_op:
        batch_op.drop_index(batch_op.f("ix_post_findings_rule"))
        batch_op.add_column(sa.Column("kept_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("kept_by", KEY, nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_post_findings_kept_by_members"),
            "members",
            ["kept_by"],
            ["id"],
            ondelete="SET NULL",
        )
        batch_op.create_index(batch_op.f("ix_post_findings_kept_by"), ["kept_by"], unique=False)
        batch_op.create_index("ix_post_findings_rule_post", ["rule", "post_id"], unique=False)
        batch_op.create_index(
            "ix_post_findings_severity_post", ["severity", "post_id"], unique=False
        )
    op.add_column("drafts", sa.Column("kept", sa.Text(), server_default="", nullable=False))
    grants = sa.table("grants", sa.column("permission"), sa.column("effect"), sa.column("role"))
    op.bulk_insert(
        grants, [{"permission": HELP, "effect": "allow", "role": role} for role in HELPERS]
    )


def downgrade() -> None:
    grants = sa.table("grants", sa.column("permission"))
    op.execute(grants.delete().where(grants.c.permission == HELP))
    op.drop_column("drafts", "kept")
    kept = (
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kept_by", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["kept_by"],
            ["members.id"],
            name="fk_post_findings_kept_by_members",
            ondelete="SET NULL",
        ),
    )
    with op.batch_alter_table("post_findings", copy_from=_findings(*kept)) as batch_op:
        batch_op.drop_index("ix_post_findings_severity_post")
        batch_op.drop_index("ix_post_findings_rule_post")
        batch_op.drop_index(batch_op.f("ix_post_findings_kept_by"))
        batch_op.drop_constraint("fk_post_findings_kept_by_members", type_="foreignkey")
        batch_op.drop_column("kept_by")
        batch_op.drop_column("kept_at")
        batch_op.create_index(batch_op.f("ix_post_findings_rule"), ["rule"], unique=False)


def _findings(*kept: sa.schema.SchemaItem) -> sa.Table:
    # Reading the table from the database cannot read the index over an expression of members.
    indices = (
        [
            sa.Index("ix_post_findings_kept_by", "kept_by"),
            sa.Index("ix_post_findings_rule_post", "rule", "post_id"),
            sa.Index("ix_post_findings_severity_post", "severity", "post_id"),
        ]
        if kept
        else [sa.Index("ix_post_findings_rule", "rule")]
    )
    return sa.Table(
        "post_findings",
        sa.MetaData(),
        sa.Column("id", KEY, nullable=False),
        sa.Column("post_id", KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("severity", sa.String(length=5), nullable=False),
        sa.Column("fingerprint", sa.String(length=16), nullable=False),
        sa.Column("start", sa.Integer(), nullable=True),
        sa.Column("end", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["post_id", "version"],
            ["revisions.post_id", "revisions.version"],
            name="fk_post_findings_post_id_revisions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_post_findings"),
        sa.Index("ix_post_findings_revision", "post_id", "version"),
        *kept,
        *indices,
    )
